import Glibc

/// Episode after episode on one filesystem in one mode.
struct Run {
    let options: Options
    let filesystem: Filesystem
    let mode: MountMode
    /// Where the filesystem is mounted.
    let place: String
    /// Where the daemon's mountpoint and log are.
    let work: String
    let records: (native: Record, mount: Record)
    let mapped: (native: MappedInodes, mount: MappedInodes)

    var name: String { "\(filesystem.rawValue)/\(mode.rawValue)" }

    /// Starts a daemon over fresh directories.
    func stage(_ name: String) throws -> (daemon: Daemon, native: World, mount: World) {
        let native = "\(place)/\(name)-native"
        let source = "\(place)/\(name)-source"
        let mountpoint = "\(work)/\(name)"
        for path in [native, source, mountpoint] where mkdir(path, 0o755) != 0 && errno != EEXIST {
            throw Failure("cannot make \(path): \(errnoText(errno))")
        }
        let daemon = try Daemon(
            options.foliofs, source: source, mountpoint: mountpoint, log: "\(work)/\(name).log",
            mode.options + (options.killWithin > 0 ? ["--supervised"] : []))
        func world(_ kind: World.Kind, _ directory: String, source: String) -> World {
            World(
                kind: kind, directory: directory, source: source, foliofs: options.foliofs,
                comparesAccessTime: mode.readsSource, comparesDirectoryTimes: filesystem != .tmpfs,
                comparesBlocks: filesystem == .tmpfs && mode.promotesNothing,
                servesCopies: mode == .staged || mode == .policy,
                zeroesRanges: filesystem != .tmpfs)
        }
        return (daemon, world(.native, native, source: native), world(.mount, mountpoint, source: source))
    }

    /// The operations of one episode.
    func operations(_ episode: Int) -> [Operation] {
        let seed = Digest.combine(Digest.combine(options.seed, UInt64(episode)), 0x7477_696e)
        var generator = OperationGenerator(seed: seed, without: options.without)
        return generator.operations(options.length, comparingEvery: 250)
    }

    /// Plays until `count` operations are done and `leastKills` daemons were killed, `deadline` is over or enough has failed.
    ///
    /// - Returns: the operations that were equal, how often the daemon was killed meanwhile, and what was not equal, told to a person.
    func play(_ count: Int, leastKills: Int, deadline: Int) throws -> (done: Int, kills: Int, failures: [String]) {
        var done = 0
        var kills = 0
        var failures: [String] = []
        var episode = options.episode ?? 0
        var stage: (daemon: Daemon, native: World, mount: World)?
        var killer: Killer?
        defer { _ = killer?.end() }
        while done < count || killer?.killed ?? 0 < leastKills, deadline == 0 || time(nil) < deadline,
            failures.count < max(options.failures, 1)
        {
            let here = try stage ?? self.stage("\(filesystem.rawValue)-\(mode.rawValue)-\(failures.count)")
            stage = here
            if killer == nil, options.killWithin > 0 {
                killer = try Killer(
                    here.daemon.process, pause: options.killWithin, seed: options.seed,
                    count: "\(work)/\(filesystem.rawValue)-\(mode.rawValue).kills")
            }
            let operations = operations(episode)
            let difference = try Episode(
                native: here.native, mount: here.mount, name: "episode-\(episode)", records: records, mapped: mapped,
                patience: options.patience
            ).play(operations)
            if let difference {
                killer.map { kills += $0.end() }
                killer = nil
                let trouble = here.daemon.trouble
                stage = nil
                done += difference.index ?? 0
                failures.append(try report(difference, operations, episode, trouble))
            } else {
                done += operations.count
            }
            if options.episode != nil { break }
            episode += 1
        }
        killer.map { kills += $0.end() }
        killer = nil
        if let trouble = stage?.daemon.end() { failures.append(trouble) }
        return (done, kills, failures)
    }

    private func report(_ difference: Difference, _ operations: [Operation], _ episode: Int, _ trouble: String?) throws
        -> String
    {
        var text = "seed \(options.seed) episode \(episode), operation "
        text += difference.index.map { "\($0): \(operations[$0])" } ?? "none"
        text += "\n\(difference.text)"
        if let trouble { text += "\n    \(trouble)" }
        guard options.shrinks else { return text }
        let length = difference.index.map { $0 + 1 } ?? operations.count
        let shrunk = try Shrinker(run: self, wanted: difference.kind, prefix: "try-\(episode)").shrink(
            Array(operations[..<length]))
        guard let shrunk else { return text + "\n    (not seen again in a fresh mount: it needs more of a history)" }
        text += "\n    smallest reproducer, \(shrunk.operations.count) operations:"
        for operation in shrunk.operations { text += "\n      \(operation)" }
        return text + "\n\(shrunk.difference.text)"
    }
}
