/// Running processes of other kernels, in virtual machines.
let guestProcessCases: [TestCase] = GuestKernel.names.map { name in
    TestCase("Guests/a running program of \(name) is collapsed from outside as foretold", limit: 150) { bench in
        let kernel = try GuestKernel.find([name])
        let program = bench.directory + "/program"
        try LargeProgram.build(.fixedStatic, at: program)
        let guest = Guest(bench: bench, kernel: kernel, programs: ["mkfs.ext4", program])
        let outcome = try guest.run(
            """
            mkdir -p ext4 tmpfs && truncate -s 128M ext4.img && mkfs.ext4 -q ext4.img && mount -o loop ext4.img ext4
            mount -t tmpfs -o huge=never tmpfs tmpfs
            mount -t fusectl fusectl /sys/fs/fuse/connections
            for place in ext4 tmpfs; do
                mkdir $place/bin && cp /bin/program $place/bin/ && sync && echo 3 > /proc/sys/vm/drop_caches
                mkfifo $place.in $place.out
                $place/bin/program 1 wait < $place.in > $place.out &
                exec 4> $place.in 5< $place.out
                read -r line <&5
                echo "==== $place before"
                foliofs scan $! --json \(kernel.configuration)
                echo "==== $place collapse"
                foliofs collapse --pid $! --json \(kernel.configuration); echo "exit $?" >&2
                echo "==== $place after"
                foliofs scan $! --json \(kernel.configuration)
                echo >&4; exec 4>&- 5>&-; wait $!
                echo "==== $place exit"; echo $?
            done
            echo "==== run"
            foliofs run -- /mnt/ext4/bin/program 2>&1; echo "exit $?"
            """, limit: 140)
        let parts = GuestText.sections(outcome.text)
        for place in ["ext4", "tmpfs"] {
            let foretold = try text("\(place) before", place, parts)["way"]?.string
            let row = try text("\(place) collapse", place, parts)
            try expect(
                (parts["\(place) collapse"] ?? "").contains("exit 0"), "collapse: \(parts["\(place) collapse"] ?? "")")
            let after = try text("\(place) after", place, parts)["way"]?.string
            try expectEqual(after, foretold == "collapse" ? "mapped" : foretold, "\(place) after, \(row)")
            try expectEqual(parts["\(place) exit"]?.split(separator: "\n").first, "0", "the program's exit")
            note("\(place): \(foretold ?? "?"), \(row["reason"]?.string ?? "?")")
        }
        let run = parts["run"] ?? ""
        if name.hasPrefix("6.1-") {
            try expect(run.contains("exit 4") && run.contains("6.9"), "run without passthrough: \(run)")
        } else {
            let sample = try JSON(run.split(separator: "\n").first.map(String.init) ?? "")
            try expectEqual(sample["pmd"]?.number, try LargeProgram.foretold(bench, program), "run: \(run)")
        }
    }
}

/// The text mapping in what a command said of the program on a filesystem.
private func text(_ part: String, _ place: String, _ parts: [String: String]) throws -> JSON {
    // What went to standard error stands on a line of its own.
    let said = (parts[part] ?? "").split(separator: "\n").filter { !$0.hasPrefix("exit ") }.joined(separator: "\n")
    try expect(said.hasPrefix("{"), "\(part): \(said.suffix(800))")
    let document = try JSON(said)
    if part.hasSuffix("collapse") {
        try expectEqual(document["agreed"]?.number, document["total"]?.number, "agreed, \(place): \(said)")
    }
    let row = (document["mappings"]?.array ?? []).first {
        $0["path"]?.string == "/mnt/\(place)/bin/program" && $0["protection"]?.string == "r-xp"
    }
    guard let row else { throw Failure("no text in \(part): \(said)") }
    return row
}
