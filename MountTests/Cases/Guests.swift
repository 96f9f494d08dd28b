/// What other kernels than this machine's do, in virtual machines.
let guestCases: [TestCase] =
    GuestKernel.names.map { name in
        TestCase("Guests/\(name) does what was predicted", limit: 7200) { bench in
            try verify(bench, try GuestKernel.find([name]))
        }
    }
    + GuestKernel.names.map { name in
        TestCase("Guests/facts of \(name) get the same answers here", limit: 120) { bench in
            try captureFacts(bench, try GuestKernel.find([name]))
        }
    } + [
        TestCase("Guests/probe agrees on filesystems that this machine may lack", limit: 300) { bench in
            try GuestImage.probe(GuestImage.writable + GuestImage.archives, on: ["7.3-filesystems"], bench)
        },
        TestCase("Guests/staging gives way in a control group of version 2", limit: 120) { bench in
            try shrinkInGroup(bench, try GuestKernel.find(["7.3", "6.12-norothp"]))
        },
        TestCase("Guests/6.1 goes on with the next server, and fails what the last one had begun", limit: 150) {
            bench in
            try goOn(bench, try GuestKernel.find(["6.1-rothp", "6.1-norothp"]))
        },
        TestCase("Guests/probe agrees on f2fs, immutable and not", limit: 120) { bench in
            try GuestImage.probe(GuestImage.f2fs, on: ["7.3-filesystems", "7.3"], bench)
        },
        TestCase("Guests/probe agrees on NFS", limit: 120) { bench in
            try GuestImage.probe(GuestImage.nfs, on: ["7.3-filesystems"], bench)
        },
    ]

/// `foliofs verify` in a guest: every scenario with FULL=1, else those of three points on xfs.
private func verify(_ bench: Workbench, _ kernel: GuestKernel) throws {
    let isFull = ["1", "yes"].contains(ChildProcess.environment["FULL"] ?? "")
    let guest = Guest(
        bench: bench, kernel: kernel,
        programs: ["mkfs.ext4", "mkfs.ext2", "mkfs.xfs", "mkfs.btrfs", "mkfs.f2fs", "mksquashfs", "mkfs.erofs"])
    let outcome = try guest.run(
        "foliofs verify --json \(kernel.configuration)"
            + (isFull ? " --change-settings" : " --stage xfs --point the-or --point in-place --point rollback"),
        limit: isFull ? 7000 : 400)
    guard let brace = outcome.text.firstIndex(of: "{") else { throw Failure("no JSON: \(outcome.text.suffix(500))") }
    let report = try JSON(String(outcome.text[brace...]))
    let disagreements = (report["disagreements"]?.array ?? []).map { "\($0)" }
    try expect(
        outcome.status == 0 && disagreements.isEmpty,
        "exit \(outcome.status), disagreements: \(disagreements.joined(separator: "; "))")
    let cases = Int(report["cases"]?.number ?? 0)
    try expectEqual(report["agreed"]?.number ?? -1, Double(cases), "agreed of cases")
    try expect(cases >= (isFull ? 3000 : 5), "only \(cases) cases")
    note(
        "Linux \(report["kernel"]?.string ?? "?"): \(cases) predictions"
            + (isFull ? "" : "; FULL=1 plays every scenario"))
}

/// `foliofs facts` of files in a guest: what `explain` says of them there, `explain --facts` says here.
private func captureFacts(_ bench: Workbench, _ kernel: GuestKernel) throws {
    let guest = Guest(bench: bench, kernel: kernel, programs: ["mkfs.ext4", "mkfs.xfs", "mkfs.erofs"])
    let operations = ["fault", "collapse"]
    let outcome = try guest.run(
        """
        set -e
        mkdir ext4 xfs erofs tmpfs tree
        head -c 4194304 /dev/urandom > tree/file
        truncate -s 64M ext4.img && mkfs.ext4 -q ext4.img && mount -o loop ext4.img ext4
        truncate -s 320M xfs.img && mkfs.xfs -q xfs.img && mount -t xfs -o loop xfs.img xfs
        mkfs.erofs --quiet erofs.img tree && mount -t erofs -o loop,ro erofs.img erofs
        mount -t tmpfs -o huge=always tmpfs tmpfs
        for place in ext4 xfs tmpfs; do cp tree/file $place; done
        sync
        for place in ext4 xfs erofs tmpfs; do
            echo "==== $place facts"
            foliofs facts $place/file \(kernel.configuration)
            for operation in \(operations.joined(separator: " ")); do
                echo "==== $place $operation"
                foliofs explain $place/file \(kernel.configuration) --operation $operation --json
            done
        done
        """, limit: 100)
    try expectEqual(outcome.status, 0, "exit of \(outcome.text.suffix(1500))")
    let parts = GuestText.sections(outcome.text)
    for place in ["ext4", "xfs", "erofs", "tmpfs"] {
        guard let facts = parts["\(place) facts"] else {
            throw Failure("no facts of \(place): \(outcome.text.suffix(500))")
        }
        let file = bench.directory + "/\(kernel.name)-\(place).json"
        try require("cat > \"$P\" <<'END'\n\(facts)\nEND", environment: ["P": file])
        for operation in operations {
            let there = try JSON(parts["\(place) \(operation)"] ?? "")
            let here = try JSON(try bench.cli("explain", "--facts", file, "--operation", operation, "--json").text)
            for key in ["verdict", "errno", "orders", "missing", "kernel", "filesystem", "scanReason"] {
                try expectEqual(here[key], there[key], "\(key) of \(operation) on \(place)")
            }
            try expect(there["verdict"]?.string != "unknown", "\(operation) on \(place) is unknown: \(facts)")
        }
        if let record = ChildProcess.environment["RECORD"], record.hasPrefix("/") {
            try require("cp \"$P\" \"$R\"/", environment: ["P": file, "R": record])
        }
    }
}

/// A mount in a control group with a limit, in which something else then wants memory.
private func shrinkInGroup(_ bench: Workbench, _ kernel: GuestKernel) throws {
    let outcome = try Guest(bench: bench, kernel: kernel).run(
        """
        set -e
        mkdir group source mount
        mount -t cgroup2 cgroup2 group
        echo +memory > group/cgroup.subtree_control
        mkdir group/small
        echo 250M > group/small/memory.high
        echo 600M > group/small/memory.max
        for file in a b c d; do head -c 33554432 /dev/urandom > source/$file; done
        sh -c 'echo $$ > group/small/cgroup.procs; exec foliofs mount source mount --foreground --route staged --stage-limit 300M' 2> said &
        until grep -q ' /mnt/mount fuse.foliofs' /proc/mounts; do usleep 20000; done
        cat mount/* > /dev/null
        # Pages of tmpfs without swap: nobody can take them away.
        sh -c 'echo $$ > group/small/cgroup.procs; for i in $(seq 1 24); do head -c 8388608 /dev/zero >> hog; done'
        echo "==== status"
        foliofs status mount --json
        echo "==== said"
        cat said
        for file in a b c d; do cmp source/$file mount/$file; done
        foliofs unmount mount
        """, limit: 100)
    try expectEqual(outcome.status, 0, "exit of \(outcome.text.suffix(1500))")
    let parts = GuestText.sections(outcome.text)
    let shrunk = try JSON(parts["status"] ?? "")["counters"]?["shrunk"]?.number ?? 0
    try expect(shrunk > 0, "staging did not shrink: \(outcome.text)")
    try expect(
        parts["said"]?.contains("memory is short (/mnt/group/small/memory.events)") == true, "not said: \(outcome.text)"
    )
}

/// Servers that end on a kernel that sends nothing again.
private func goOn(_ bench: Workbench, _ kernel: GuestKernel) throws {
    let outcome = try Guest(bench: bench, kernel: kernel, programs: ["flock"]).run(
        """
        set -e
        mkdir source mnt
        mount -t fusectl fusectl /sys/fs/fuse/connections
        echo text > source/file; head -c 3000000 /dev/urandom > source/big
        server() { cat /proc/$supervisor/task/$supervisor/children; }
        begin() {
            $1 foliofs mount source mnt --supervised --foreground 2>> said &
            supervisor=$!
            until grep -q ' /mnt/mnt fuse.foliofs' /proc/mounts; do usleep 20000; done
        }
        over() { cd /mnt; foliofs unmount mnt; wait $supervisor; }
        begin
        exec 5>> mnt/file
        mkdir mnt/kept; cd mnt/kept
        mkfifo /mnt/waits
        (exec 6< ../file 7<> /mnt/waits; flock -x 6; read -r _ <&7) & holder=$!
        until ! flock -n ../file true; do usleep 20000; done
        for number in 1 2 3 4 5 6 7 8; do
            last=$(server)
            kill -9 $last
            until next=$(server) && [ -n "$next" ] && [ "$next" != "$last" ]; do usleep 10000; done
            echo line $number >&5
            mkdir $number
            cmp ../big /mnt/source/big
            if flock -n ../file true; then echo "the lock is lost"; exit 1; fi
        done
        kill -9 $holder; wait $holder || true
        exec 5>&-
        echo "==== listing"; ls /mnt/source/kept | tr '\\n' ' '; cat /mnt/source/file
        echo "==== status"; foliofs status /mnt/mnt --json
        over
        for step in read recorded; do
            begin "env FOLIOFS_STOP_AT=mkdir.$step"
            first=$(server)
            mkdir mnt/$step > tried 2>&1 & changer=$!
            until grep -q ') T ' /proc/$((first))/stat; do usleep 20000; done
            kill -9 $first
            if wait $changer; then echo made >> tried; fi
            echo "==== $step"; cat tried; ls source; mkdir -p mnt/$step/within
            over
        done
        echo "==== doctor"; foliofs doctor --json || true
        echo "==== said"; cat said
        """, limit: 140)
    try expectEqual(outcome.status, 0, "exit of \(outcome.text.suffix(1500))")
    let parts = GuestText.sections(outcome.text)
    try expectEqual(
        parts["listing"]?.trimmed,
        "1 2 3 4 5 6 7 8 text\n" + (1...8).map { "line \($0)" }.joined(separator: "\n"), "the source")
    let daemons = try JSON(parts["status"] ?? "")["recovery"]?["daemons"]?.number
    try expectEqual(daemons, 9, "servers")
    try expect(parts["read"]?.contains("Input/output error") == true, "what was begun: \(parts["read"] ?? "")")
    try expect(parts["recorded"]?.contains("made") == true, "what was recorded: \(parts["recorded"] ?? "")")
    try expect(parts["doctor"]?.contains("EIO") == true, "doctor: \(parts["doctor"] ?? "")")
}
