import Glibc

/// Kills the daemon again and again while writers work through its mount, and looks at the source each time.
final class CrashRounds {
    private let bench: Workbench
    private let source: String
    private let options: [String]
    private var random: CrashRandom
    let writers: [CrashWriter]
    /// How many daemons were killed.
    private(set) var kills = 0
    /// How many versions were synchronized in all.
    var synchronized: Int { writers.reduce(0) { $0 + $1.count } }

    /// - Parameter source: a directory, in which the writers get theirs.
    init(_ bench: Workbench, source: String, options: [String], seed: UInt64, maps: Bool = true) throws {
        self.bench = bench
        self.source = source
        self.options = options
        random = CrashRandom(state: seed)
        writers = (0..<3).map { number in
            CrashWriter(name: "w\(number)", slots: CrashSlot.all(mapped: maps), seed: seed &+ UInt64(number) &* 7919)
        }
        for writer in writers { try writer.prepare(source) }
    }

    /// One daemon's life, ended by SIGKILL at a random instant of the first `microseconds` after its mount is there.
    ///
    /// - Parameter beforeKill: called while the writers work.
    func kill(within microseconds: UInt64, beforeKill: () throws -> Void = {}) throws {
        let mount = try ServedMount(bench, source: source, options)
        let path = mount.path
        for writer in writers { writer.begin() }
        let threads = writers.map { writer in CrashThread { writer.work(below: path) } }
        defer { for thread in threads { thread.join() } }
        defer { mount.killAndRemove() }
        usleep(UInt32(random.next() % microseconds))
        try beforeKill()
        for writer in writers { writer.beginKill() }
        mount.daemon.signal(SIGKILL)
        kills += 1
    }

    /// Every acknowledged change, synchronized or not, is in the source: only the daemon died.
    func check() throws {
        for writer in writers {
            if let problem = writer.problem { throw Failure(problem) }
            let state = writer.state
            writer.settle(
                try CrashCheck(directory: source + "/" + writer.name)
                    .versions(writer.slots, least: state.map(\.done), most: state.map(\.intended)))
        }
    }

    /// Every change that was synchronized before is in a copy of the source made meanwhile.
    func check(copy: String, synchronized before: [[CrashWriter.Progress]]) throws {
        for (writer, earlier) in zip(writers, before) {
            _ = try CrashCheck(directory: copy + "/" + writer.name).versions(
                writer.slots, least: earlier.map(\.synchronized), most: writer.state.map(\.intended))
        }
    }
}

/// A thread that can be waited for.
final class CrashThread: @unchecked Sendable {
    private final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private var thread = pthread_t()

    init(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Box(body))
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
    }

    func join() { pthread_join(thread, nil) }
}
