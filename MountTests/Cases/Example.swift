/// The examples, which show that FuseServer and FolioPolicy stand alone.
let exampleCases: [TestCase] = [
    TestCase("Example/MemoryFilesystem mounts, stores, lists and unmounts") { bench in
        let place = try bench.make("mnt")
        let daemon = try ChildProcess([bench.binaries + "/MemoryFilesystem", place], output: 2)
        try mounted(daemon, at: place)
        let said = try require(
            """
            mkdir d && seq 1 50000 > d/f && echo two > g && sha256sum < d/f && seq 1 50000 | sha256sum && ls -R
            echo more >> g && cat g && mv g h && truncate -s 3 h && cat h && rm -r d && ls
            """, in: place)
        let lines = said.split(separator: "\n").map(String.init)
        try expectEqual(lines[0], lines[1], "sha256 of what was stored")
        try expectEqual(
            Array(lines[2...]), [".:", "d", "g", "./d:", "f", "two", "more", "twoh"], "what it listed and read")
        try require("umount \"$M\"", environment: ["M": place])
        try expectEqual(daemon.wait(seconds: 10), 0, "how MemoryFilesystem ended")
    },
    TestCase("Example/ArchiveFilesystem shows what tar and bsdtar's formats hold") { bench in
        try require(
            """
            mkdir -p tree/d "tree/$(printf 'n%.0s' {1..120})/deep"; seq 1 50000 > tree/d/f; echo x > "tree/$(printf 'n%.0s' {1..120})/deep/$(printf 'l%.0s' {1..120})"
            ln -s d/f tree/link; ln tree/d/f tree/hard; chmod 640 tree/d/f; touch -d 2001-02-03 tree/d/f; : > tree/empty
            for format in gnu pax ustar; do tar --format=$format --owner=12 --group=34 -cf $format.tar -C tree . 2>/dev/null || [ $format = ustar ]; done
            tar -cf part.tar -C tree d/f; head -c 700 gnu.tar > short.tar; head -c 5000 /dev/urandom > noise.tar
            """, in: bench.directory)
        let place = try bench.make("mnt")
        for archive in ["gnu", "pax", "part"] {
            let daemon = try ChildProcess(
                [bench.binaries + "/ArchiveFilesystem", bench.directory + "/\(archive).tar", place], output: 2)
            try mounted(daemon, at: place)
            if archive == "part" {
                try require("cmp d/f ../tree/d/f", in: place)
            } else {
                try require(
                    """
                    diff -r --no-dereference . ../tree; [ "$(stat -c '%a %u %g %Y' d/f)" = "640 12 34 $(stat -c %Y ../tree/d/f)" ]
                    echo x 2>/dev/null > new && exit 1; rm d/f 2>/dev/null && exit 1; [ "$(readlink link)" = d/f ]
                    """, in: place)
            }
            try require("umount \"$M\"", environment: ["M": place])
            try expectEqual(daemon.wait(seconds: 10), 0, "how ArchiveFilesystem ended")
        }
        for broken in ["short", "noise"] {
            let outcome = try run(
                [bench.binaries + "/ArchiveFilesystem", bench.directory + "/\(broken).tar", place], timeout: 10)
            try expectEqual(outcome.status, 1, "\(broken).tar: \(outcome.text)")
        }
    },
    TestCase("Example/PolicyQuestion and KernelTable answer from values alone") { bench in
        for (arguments, answer) in [
            (["6.18", "collapse", "small"], "allowed"), (["6.18", "collapse", "large", "writer"], "denied with"),
            (["6.0", "collapse", "large"], "denied with EINVAL"),
        ] {
            let outcome = try run([bench.binaries + "/PolicyQuestion"] + arguments)
            try expect(outcome.lines.last?.contains(answer) == true, "\(arguments): \(outcome.text)")
        }
        try expectEqual(run([bench.binaries + "/PolicyQuestion"]).status, 2, "without a question")
        try expectEqual(run([bench.binaries + "/KernelTable"]).lines.count, 26, "rows of the table")
    },
]

/// Waits until a server has mounted.
private func mounted(_ daemon: ChildProcess, at place: String) throws {
    let end = Clock.now() + 15
    while MountPoint.at(place) == nil {
        try expect(!daemon.hasEnded(), "the server ended with \(daemon.ended ?? -1)")
        try expect(Clock.now() < end, "no mount after 15 s")
        MountPoint.waitForChange(seconds: 0.05)
    }
}
