import Glibc

/// What the daemon costs others: nothing while nothing is asked of it, and no wait while it promotes.
let mannersCases: [TestCase] = [
    TestCase("Manners/nothing runs while nothing is asked", limit: 90) { bench in
        // Of its own: what others do on a filesystem that is watched wakes the daemon.
        let source = try bench.loop("mkfs.ext4 -q -F", megabytes: 400, name: "ext4")
        try require("head -c 67108864 /dev/urandom > data && sync data", in: source)
        try served(bench, source: source, ["--promote", "data"]) { mount in
            // In its first window a trigger of pressure may report what was before it: see PressureTrigger.isConfirmed().
            poll(nil, 0, 2500)
            try asleep(mount, "after the mount")
            let file = open(mount.path + "/data", O_RDONLY | O_CLOEXEC)
            try expect(file >= 0, "cannot open it")
            try asleep(mount, "with a promoted file open")
            close(file)
            let promoted = try bench.cli("promote", mount.path + "/data", "--wait")
            try expectEqual(promoted.status, 0, "promote: \(promoted.text)")
            try asleep(mount, "after a promotion")
        }
    },
    TestCase("Manners/promotion behind has the lowest priority", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 400)
        try require("head -c 67108864 /dev/urandom > data && sync data", in: source)
        try served(bench, source: source, ["--promotion-rate", "2M"]) { mount in
            let worker = try slowPromotion(bench, mount)
            let priorities = try require(
                "chrt --pid $W; ionice --pid $W", environment: ["W": worker])
            try expect(priorities.contains("SCHED_IDLE"), "processor: \(priorities)")
            try expect(priorities.contains("idle\n"), "disk: \(priorities)")
        }
    },
    TestCase("Manners/no request waits for a promotion", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 400)
        try require("head -c 67108864 /dev/urandom > data && sync data && mkdir directory", in: source)
        try served(bench, source: source, ["--promotion-rate", "2M"]) { mount in
            let worker = try slowPromotion(bench, mount)
            // All of it while half a minute of promotion is underway: of the same file, and of others.
            try require(
                """
                stat data >/dev/null; ls -l . >/dev/null
                head -c 1000 data >/dev/null; "$T" data >/dev/null
                for i in 1 2 3 4 5 6 7 8; do cmp -n 100000 data "$S/data" & done; wait
                printf changed | dd of=data conv=notrunc status=none; sync data
                truncate -s +1M data; truncate -s 67108864 data
                fallocate --punch-hole --offset 33554432 --length 4096 data
                echo new > new; ln new other; mv other directory/; rm new directory/other
                setfattr -n user.name -v value data; chmod 640 data; mv data moved; mv moved data
                cmp data "$S/data"
                """, in: mount.path, environment: ["T": bench.touch, "S": source])
            try expect(try isRunning(worker), "the promotion ended before the requests did: it is no test")
            let status = try JSON(bench.cli("status", mount.path, "--json").text)
            try expect((status["promotionsPending"]?.number ?? 0) >= 1, "promotions underway: \(status)")
        }
    },
    TestCase("Manners/an unmount ends a promotion", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 400)
        try require("head -c 67108864 /dev/urandom > data && sync data", in: source)
        let mount = try ServedMount(bench, source: source, ["--promotion-rate", "2M"])
        let worker = try slowPromotion(bench, mount)
        try mount.unmount()
        try expect(try !isRunning(worker), "the promotion goes on without the mount")
    },
    TestCase("Manners/the worker goes with a daemon that is killed", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 400)
        try require("head -c 67108864 /dev/urandom > data && sync data", in: source)
        let mount = try ServedMount(bench, source: source, ["--promotion-rate", "2M"])
        let worker = try slowPromotion(bench, mount)
        mount.killAndRemove()
        try waitUntil("the worker has ended") { try !isRunning(worker) }
    },
    TestCase("Manners/promotion gives way under pressure", limit: 120) { bench in
        guard try bash("echo 'some 1600000 2000000' 1<>/proc/pressure/cpu >&1").status == 0 else {
            throw Skip("no pressure stall information: a kernel with CONFIG_PSI, without psi=0, from 6.4 on")
        }
        let source = try bench.ext4(megabytes: 400)
        try require("head -c 67108864 /dev/urandom > data && sync data", in: source)
        try served(bench, source: source, ["--promotion-rate", "8M"]) { mount in
            _ = try slowPromotion(bench, mount)
            // Two for each processor, for as long as three windows of the kernel's.
            try require(
                "for i in $(seq $(($(nproc) * 2))); do timeout 7 sh -c 'while :; do :; done' & done; wait || true")
            try waitUntil("the promotion is done", seconds: 60) {
                try JSON(bench.cli("status", mount.path, "--json").text)["promotionsPending"]?.number == 0
            }
            let counters = try JSON(bench.cli("status", mount.path, "--json").text)["counters"]
            try expect((counters?["promotionPauses"]?.number ?? 0) >= 1, "\(String(describing: counters))")
            try expectEqual(counters?["promotedBytes"]?.number, 67_108_864, "promoted in the end")
        }
    },
]

/// Begins to promote `data` behind; the worker's process.
private func slowPromotion(_ bench: Workbench, _ mount: ServedMount) throws -> String {
    try require(
        "python3 -c 'import os; os.posix_fadvise(os.open(\"data\", 0), 0, 0, os.POSIX_FADV_DONTNEED)'", in: mount.source
    )
    let asked = try bench.cli("promote", mount.path + "/data")
    try expectEqual(asked.status, 0, "promote: \(asked.text)")
    var worker = ""
    // Once it has promoted a chunk it has stepped back.
    try waitUntil("the worker promotes") {
        worker = try bash("pgrep --parent \(mount.daemon.id) --full promotion-worker").text.trimmed
        return try !worker.isEmpty
            && require("fincore --bytes --noheadings --output RES data", in: mount.source).trimmed != "0"
    }
    return worker
}

private func isRunning(_ process: String) throws -> Bool {
    try bash("[ -e /proc/\(process) ] && ! grep -q '^State:.Z' /proc/\(process)/status").status == 0
}

/// Whether no thread of the daemon runs, or wakes up, for three seconds in which the machine is not short of memory: that the kernel
/// tells the daemon of (traced: memory.pressure_level of its control group).
private func asleep(_ mount: ServedMount, _ when: String) throws {
    let look =
        "for t in /proc/\(mount.daemon.id)/task/*; do echo ${t##*/} $(cut -d' ' -f14,15 $t/stat) "
        + "$(awk '/ctxt_switches/ { print $2 }' $t/status); done"
    // What was asked for a moment ago may still be at its end.
    var before = try require(look)
    try waitUntil("the daemon is at rest \(when)") {
        poll(nil, 0, 200)
        let now = try require(look)
        defer { before = now }
        return now == before
    }
    let shortage =
        "grep -E '^pgscan_(kswapd|direct) ' /proc/vmstat; sed -n 's/^some.*total=//p' /proc/pressure/memory 2>/dev/null || true"
    for attempt in 1...10 {
        let reclaimed = try require(shortage)
        poll(nil, 0, 3000)
        let after = try require(look)
        if attempt < 10, after != before, try require(shortage) != reclaimed {
            before = after
            continue
        }
        return try expectEqual(after, before, "thread, ticks and context switches \(when)")
    }
}
