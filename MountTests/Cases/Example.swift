/// The filesystem in memory, which shows that FuseServer stands alone.
let exampleCases: [TestCase] = [
    TestCase("Example/MemoryFilesystem mounts, stores, lists and unmounts") { bench in
        let place = try bench.make("mnt")
        let daemon = try ChildProcess([bench.binaries + "/MemoryFilesystem", place], output: 2)
        let end = Clock.now() + 15
        while MountPoint.at(place) == nil {
            try expect(!daemon.hasEnded(), "MemoryFilesystem ended with \(daemon.ended ?? -1)")
            try expect(Clock.now() < end, "no mount after 15 s")
            MountPoint.waitForChange(seconds: 0.05)
        }
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
    }
]
