import Glibc

/// A worker that stays on its caller's processor, and comes back from there.
let workerPlaceCases: [TestCase] = [
    TestCase("WorkerPlace/a lone caller is followed, and the worker is as before when nobody asks") { bench in
        let source = try bench.make("source")
        try require("mkdir d; cd d; for i in $(seq 2000); do : > f$i; done", in: source)
        try served(bench, source: source) { mount in
            let asking = try ChildProcess(asker(mount, turns: 30), output: try makeFile(bench.directory + "/said"))
            try expectEqual(asking.wait(seconds: 60), 0, "how the caller ended")
            try isLeftAlone(mount)
            guard readText(bench.directory + "/said")?.contains("followed") == true else {
                throw Skip(
                    "every processor was busy all the time, and no caller is followed then; takes an idle machine")
            }
        }
    },
    TestCase("WorkerPlace/others who take every processor do not stop it") { bench in
        let source = try bench.make("source")
        try require("mkdir d; cd d; for i in $(seq 2000); do : > f$i; done", in: source)
        try served(bench, source: source) { mount in
            let others = """
                import os
                for other in range(2 * os.cpu_count()):
                    if os.fork() == 0:
                        caller = os.getppid()
                        while os.getppid() == caller: pass
                        os._exit(0)
                """
            let asking = try ChildProcess(
                asker(mount, turns: 10, afterwards: others), output: try makeFile(bench.directory + "/said"))
            try expectEqual(asking.wait(seconds: 100), 0, "how the caller ended")
            try isLeftAlone(mount)
        }
    },
]

/// A process that has every name of `d` looked up in each of some turns, and says whether it sees itself followed; then
/// it does something else once, and goes on.
private func asker(_ mount: ServedMount, turns: Int, afterwards: String = "") -> [String] {
    [
        "python3", "-c",
        """
        import glob, os, sys
        def ask(turns):
            for turn in range(turns):
                open("/proc/sys/vm/drop_caches", "w").write("2")
                for i in range(2000):
                    os.stat(sys.argv[1] + "/d/f%d" % (i + 1))
                    if i % 250 == 249 and any(open(t).read().rsplit(")", 1)[1].split()[38] == "5" for t in glob.glob(sys.argv[2])):
                        print("followed", flush=True)
                        return
        ask(\(turns))
        \(afterwards)
        ask(\(turns))
        """, mount.path, "/proc/\(mount.daemon.id)/task/*/stat",
    ]
}

/// Requires that every thread of the daemon comes to be scheduled as its first one is.
private func isLeftAlone(_ mount: ServedMount) throws {
    try until("no worker stays behind") {
        let found = Set(
            try require(
                "for t in /proc/\(mount.daemon.id)/task/*; do echo $(chrt -p ${t##*/}; taskset -p ${t##*/}) | sed 's/[0-9]*.s //g'; done"
            ).split(separator: "\n").map(String.init))
        return found.count == 1 && found.first?.contains("SCHED_OTHER") == true
    }
}
