import Glibc

/// The twin test: the same generated operations on a plain directory and through the mount, everything compared.
@main
struct Twin {
    static func main() {
        do {
            exit(try play(try Options(Array(CommandLine.arguments.dropFirst()))))
        } catch let failure as Failure {
            print("foliofs-twin: \(failure.reason)")
        } catch {
            print("foliofs-twin: \(error)")
        }
        exit(2)
    }

    private static func play(_ options: Options) throws -> Int32 {
        guard !options.lists else {
            for difference in KnownDifferences.all { say("\(difference.what): \(difference.reason)") }
            return 0
        }
        guard geteuid() == 0, access("/dev/fuse", R_OK | W_OK) == 0 else {
            throw Failure("needs root and /dev/fuse; run: sudo make twin")
        }
        var limit = rlimit()
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        umask(0)
        signal(SIGPIPE, SIG_IGN)
        let work = try directory(in: options.work)
        let records = (native: try Record(), mount: try Record())
        let mapped = (native: try MappedInodes(), mount: try MappedInodes())
        let runs = options.filesystems.count * options.modes.count
        let began = time(nil)
        var (passed, failed, played, total) = (0, 0, 0, 0)
        for filesystem in options.filesystems {
            let place = try filesystem.mount(in: work)
            for mode in options.modes {
                let run = Run(
                    options: options, filesystem: filesystem, mode: mode, place: place, work: work, records: records,
                    mapped: mapped)
                let start = time(nil)
                // Each run gets its share of what is left.
                let share = options.seconds == 0 ? 0 : (began + options.seconds - start) / (runs - played)
                let deadline = share == 0 ? 0 : start + max(share, 1)
                let (done, kills, failures) = try run.play(
                    (options.operations + runs - 1) / runs, leastKills: (options.kills + runs - 1) / runs,
                    deadline: deadline)
                played += 1
                total += done
                let seconds = max(time(nil) - start, 1)
                if failures.isEmpty {
                    passed += 1
                    let deaths = options.killWithin > 0 ? ", \(kills) daemons killed" : ""
                    say("ok \(run.name): \(done) operations equal, \(done / seconds) a second\(deaths)")
                } else {
                    failed += 1
                    for failure in failures { say("FAILED \(run.name): \(failure)") }
                }
            }
            try? filesystem.unmount(place)
        }
        try Shell.run(#"rm -rf --one-file-system "$W""#, ["W": work])
        say("\(total) operations, seed \(options.seed), \(time(nil) - began) s")
        say("\(passed) passed, \(failed) failed")
        return failed == 0 ? 0 : 1
    }

    /// A new directory that every user may look into.
    private static func directory(in parent: String) throws -> String {
        var template = Array((parent + "/foliofs-twin-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil, chmod(template, 0o755) == 0 else {
            throw Failure("cannot make a directory in \(parent): \(errnoText(errno))")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}
