import CFuse3
import CLinuxShims
import Glibc
import Synchronization
public import SystemPackage

/// What the daemons of one mount hand on from one to the next: memory that outlives each of them, mapped by all.
///
/// Every word of it is stored so that a daemon may be killed at any instant: what takes several stores is begun by a word that
/// says so, and carried on or taken back by the next daemon (`Desk`). Pages come into being when they are first written to.
public final class RecoveryMemory: @unchecked Sendable {
    /// Which form it has. A daemon takes over what has its own form, and nothing else.
    public static let form: UInt64 = 2

    private enum Place {
        static let magic = 0
        static let form = 8
        static let filesystemForm = 16
        static let device = 24
        static let isServing = 32
        static let daemons = 40
        static let stopsTaken = 48
        static let lastBacking = 56
        static let initializationSize = 64
        static let isReady = 72
        static let hasCrashed = 80
        static let signs = 88
        static let initialization = 128
        static let limits = 1024
        static let waits = 2048
        static let requestTableCount = 8192
        static let filesystem = 1 << 20
        static let desks = 256 << 20
        static let requestTables = 384 << 20
        static let handles = 512 << 20
        static let nodes = 1 << 30
        static let end = nodes + NodeRecords.capacity * NodeRecords.size
    }

    private static let magic: UInt64 = 0x464f_4c49_4f46_5331
    /// Bytes of what the filesystem keeps for itself.
    public static let filesystemSize = Place.desks - Place.filesystem
    static let deskCount = 32

    private let waiting = Mutex<Set<Int>>([])
    let base: UnsafeMutableRawPointer
    let descriptor: Int32
    /// The nodes that the kernel knows.
    public let nodes: NodeRecords
    /// What the kernel has open.
    public let handles: HandleRecords
    /// What was in flight when the last daemon ended, to be carried out by this one; guarded by `freeDesks` once there are workers.
    var unfinished: [Desk] = []
    /// The same, of requests that have no desk.
    var extraRequests: [[UInt8]] = []
    /// Desks where nobody sits, and where no unfinished request is.
    let freeDesks: Mutex<[Desk]>

    /// New memory, of a mount that is yet to be.
    /// - Parameter filesystemForm: which form the filesystem's own part has.
    /// - Throws: ENOMEM, EMFILE.
    public convenience init(filesystemForm: UInt64) throws(Errno) {
        let descriptor = folio_shared_memory("foliofs")
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        guard ftruncate(descriptor, off_t(Place.end)) == 0 else { throw Errno(rawValue: errno) }
        try self.init(mapping: descriptor)
        base.setWord(Place.form, Self.form)
        base.setWord(Place.filesystemForm, filesystemForm)
        base.setWord(Place.magic, Self.magic)
    }

    /// The memory that another program image has left behind `descriptor`.
    /// - Throws: EPROTO where it has another form.
    public convenience init(left descriptor: Int32, filesystemForm: UInt64) throws(Errno) {
        try self.init(mapping: descriptor)
        guard base.word(Place.magic) == Self.magic, base.word(Place.form) == Self.form,
            base.word(Place.filesystemForm) == filesystemForm
        else { throw Errno(rawValue: EPROTO) }
    }

    private init(mapping descriptor: Int32) throws(Errno) {
        let memory = mmap(nil, Place.end, PROT_READ | PROT_WRITE, MAP_SHARED | Int32(MAP_NORESERVE), descriptor, 0)
        guard let memory, memory != MAP_FAILED else { throw Errno(rawValue: errno) }
        self.descriptor = descriptor
        base = memory
        let desks = memory + Place.desks
        freeDesks = Mutex((0..<Self.deskCount - 1).reversed().map { Desk(desks + $0 * Desk.size) })
        nodes = NodeRecords(memory, at: Place.nodes, limits: Place.limits)
        handles = try HandleRecords(memory + Place.handles, limit: memory + Place.limits + 64 * 8)
    }

    /// What the filesystem keeps for itself, `filesystemSize` bytes that were zero at first.
    public var filesystem: UnsafeMutableRawPointer { base + Place.filesystem }

    func desk(_ number: Int) -> Desk { Desk(base + Place.desks + number * Desk.size) }

    /// The desk of resent requests while they are received.
    var receptionDesk: Desk { desk(Self.deskCount - 1) }

    /// The first daemon begins.
    public func begin() {
        daemons = 1
        RequestStep.memory = self
    }

    // MARK: Counts of requests

    private static let mostRequestTables: UInt64 = 64

    /// What the threads of all daemons have counted.
    var requestTables: [RequestTimes.Table] {
        (0..<min(base.word(Place.requestTableCount), Self.mostRequestTables)).map(requestTable)
    }

    private func requestTable(_ number: UInt64) -> RequestTimes.Table {
        RequestTimes.Table(base + Place.requestTables + Int(number) * RequestTimes.Table.size)
    }

    /// One more table, which is zero; nil: there are as many as there may be.
    func addRequestTable() -> RequestTimes.Table? {
        let count = base.word(Place.requestTableCount)
        guard count < Self.mostRequestTables else { return nil }
        base.setWord(Place.requestTableCount, count + 1)
        return requestTable(count)
    }

    // MARK: Requests that wait

    private static let waitCount = 256

    /// Notes the request that this thread handles, which another will answer: a kernel that sends nothing again must be told of its end.
    /// - Returns: what `endsWait` takes.
    public func beginsWait() -> Int? {
        waiting.withLock { waiting in
            guard let free = (0..<Self.waitCount).first(where: { !waiting.contains($0) }) else { return nil }
            waiting.insert(free)
            base.setWord(Place.waits + free * 8, Attempt.unique)
            return free
        }
    }

    /// The request is about to be answered.
    public func endsWait(_ number: Int?) {
        guard let number else { return }
        waiting.withLock { waiting in
            base.setWord(Place.waits + number * 8, 0)
            waiting.remove(number)
        }
    }

    /// The requests that waited when the last daemon ended.
    func takeWaits() -> [UInt64] {
        (0..<Self.waitCount).compactMap { number in
            let unique = base.word(Place.waits + number * 8)
            base.setWord(Place.waits + number * 8, 0)
            return unique == 0 ? nil : unique
        }
    }

    // MARK: The connection

    /// The descriptor of /dev/fuse; -1: nothing is mounted yet.
    var device: Int32 {
        get { Int32(truncatingIfNeeded: base.word(Place.device)) - 1 }
        set { base.setWord(Place.device, UInt64(newValue + 1)) }
    }

    /// Whether the mount has begun: a daemon that ends from now on can be followed by another.
    public var isServing: Bool { base.word(Place.isServing) != 0 }

    func beginsServing() { base.setWord(Place.isServing, 1) }

    /// Whether this daemon has come to where it waits for requests.
    var isReady: Bool {
        get { base.word(Place.isReady) != 0 }
        set { base.setWord(Place.isReady, newValue ? 1 : 0) }
    }

    /// How often this daemon has said that it answers.
    var signs: UInt64 {
        get { base.word(Place.signs) }
        set { base.setWord(Place.signs, newValue) }
    }

    /// The daemon answers: to be called again and again, each time before `Supervisor`'s limit is over, by one that has called it once. One
    /// that never does is never taken to hang.
    public func tellAlive() { signs += 1 }

    /// Whether the last daemon has ended by itself, or hung, and neither by another's SIGKILL nor for another to take over.
    var hasCrashed: Bool {
        get { base.word(Place.hasCrashed) != 0 }
        set { base.setWord(Place.hasCrashed, newValue ? 1 : 0) }
    }

    /// How many daemons have served the mount, this one included.
    public internal(set) var daemons: Int {
        get { Int(base.word(Place.daemons)) }
        set { base.setWord(Place.daemons, UInt64(newValue)) }
    }

    /// Requests that were answered so far.
    var answered: UInt64 { (0..<Self.deskCount).reduce(0) { $0 &+ desk($1).answered } }

    /// Whether a stop that a test asks for is still to come; it comes once.
    func takesStop() -> Bool {
        guard base.word(Place.stopsTaken) == 0 else { return false }
        base.setWord(Place.stopsTaken, 1)
        return true
    }

    /// The highest backing id that was given out lately: the kernel counts up.
    var lastBacking: Int32 {
        get { Int32(truncatingIfNeeded: base.word(Place.lastBacking)) }
        set { base.setWord(Place.lastBacking, UInt64(newValue)) }
    }

    /// FUSE_INIT as the kernel sent it, which it does once.
    var initialization: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + Place.initialization, count: Int(base.word(Place.initializationSize)))
    }

    func saveInitialization(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= Place.limits - Place.initialization else { return false }
        UnsafeMutableRawBufferPointer(start: base + Place.initialization, count: bytes.count).copyMemory(from: bytes)
        base.setWord(Place.initializationSize, UInt64(bytes.count))
        return true
    }

    /// Puts a program in the place of this process, with every descriptor that it has; the variable `variable` says which of them this
    /// memory is. Returns where that fails.
    ///
    /// To be called while no daemon runs.
    public func put(
        _ program: String, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, variable: String
    ) {
        guard let all = Self.openDescriptors else { return }
        for one in all { _ = fcntl(one, F_SETFD, 0) }
        setenv(variable, "\(descriptor)", 1)
        execv(program, arguments)
    }

    /// Closes every descriptor of the process that nobody claims: what the last daemon had open besides.
    ///
    /// To be called while nothing else opens any. Leases that the last daemon had on those that stay are given up.
    /// - Parameters:
    ///   - claimed: what the filesystem has taken over.
    ///   - isLeft: whether one is left open, since to close it would take long.
    /// - Returns: those that are left, which the filesystem is to close.
    public func closeDescriptors(but claimed: Set<Int32>, leaving isLeft: (Int32) -> Bool) -> [Int32] {
        let kept = claimed.union([0, 1, 2, descriptor, device])
        guard let all = Self.openDescriptors else { return [] }
        var left: [Int32] = []
        for one in all where !kept.contains(one) {
            if isLeft(one) { left.append(one) } else { Glibc.close(one) }
        }
        for one in kept where one > 2 { _ = fcntl(one, F_SETFD, FD_CLOEXEC) }
        for one in claimed {
            _ = fcntl(one, Int32(FOLIO_F_SETLEASE), Int32(F_UNLCK))
        }
        return left
    }

    /// Every descriptor of the process; nil: /proc is not there.
    private static var openDescriptors: [Int32]? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var all: [Int32] = []
        while let entry = readdir(directory) {
            // The name is at byte 19 of struct dirent64.
            let name = String(cString: (UnsafeRawPointer(entry) + 19).assumingMemoryBound(to: CChar.self))
            if let number = Int32(name), number != dirfd(directory) { all.append(number) }
        }
        return all
    }
}

extension UnsafeMutableRawPointer {
    /// The word at `offset`, stored before everything that is stored after it.
    @inline(__always)
    func word(_ offset: Int) -> UInt64 { folio_load_word(self + offset) }

    @inline(__always)
    func setWord(_ offset: Int, _ value: UInt64) { folio_store_word(self + offset, value) }
}
