import Glibc
import Synchronization

/// Changes its slots through a mount, and remembers of each how far the kernel said that it had come.
final class CrashWriter: @unchecked Sendable {
    /// Versions of one slot: each at most the one before it.
    struct Progress {
        /// The last that was begun.
        var intended = 0
        /// The last whose calls returned.
        var done = 0
        /// The last that fsync(2) returned for.
        var synchronized = 0
    }

    /// The directory of the writer, below the source and below a mount of it.
    let name: String
    let slots: [CrashSlot]
    private var random: CrashRandom
    private var progress: [Progress]
    private var failure: String?
    private var operations = 0
    /// Whether the daemon of now is being killed.
    private var isKilled = false
    private let mutex = Mutex(())

    init(name: String, slots: [CrashSlot], seed: UInt64) {
        self.name = name
        self.slots = slots
        random = CrashRandom(state: seed)
        progress = slots.map { _ in Progress() }
    }

    private func locked<Value: Sendable>(_ body: () -> Value) -> Value { mutex.withLock { _ in body() } }

    /// How far it is, slot by slot.
    var state: [Progress] { locked { progress } }
    /// How many versions it has synchronized.
    var count: Int { locked { operations } }
    /// What failed that should not have.
    var problem: String? { locked { failure } }

    /// What is there now is where it goes on.
    func settle(_ versions: [Int]) {
        locked { progress = versions.map { Progress(intended: $0, done: $0, synchronized: $0) } }
    }

    /// Makes what the slots begin with, in the source itself.
    func prepare(_ source: String) throws {
        try require(
            "mkdir -p \"$W\"/moved{0,1}a; : > \"$W/record\"; : > \"$W/mapped\"; : > \"$W/appended\"",
            environment: ["W": source + "/" + name])
        try require(
            "truncate -s \(32 * CrashSlot.recordSize) record mapped; for d in moved*a; do echo in > $d/in; done",
            in: source + "/" + name)
    }

    /// Told that another daemon serves from now on.
    func begin() { locked { isKilled = false } }

    /// Told that the daemon is killed from now on.
    func beginKill() { locked { isKilled = true } }

    /// Works in `directory` until the server of it is gone.
    func work(below mount: String) {
        do {
            let files = try CrashFiles(mount + "/" + name, maps: slots.contains { $0.kind == .mapped })
            while true { try change(Int(random.next() % UInt64(slots.count)), files) }
        } catch let error as CrashFiles.CallFailure {
            // A request that the daemon was taking in when it was killed ends with EIO (Linux 7.3 fs/fuse/dev.c
            // fuse_dev_do_read(), read: copying to a page that is not there yet stops at a fatal signal).
            if error.errno == EIO, locked({ isKilled }) { return }
            if !error.saysServerIsGone { locked { failure = "\(name): \(error.description)" } }
        } catch {
            locked { failure = "\(name): \(error)" }
        }
    }

    private func change(_ number: Int, _ files: CrashFiles) throws {
        let slot = slots[number]
        let version = locked {
            progress[number].intended += 1
            return progress[number].intended
        }
        try files.change(slot, to: version)
        locked { progress[number].done = version }
        try files.synchronize(slot, version)
        locked {
            progress[number].synchronized = version
            operations += 1
        }
    }
}

/// Numbers that a seed repeats (SplitMix64).
struct CrashRandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
