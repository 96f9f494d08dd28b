/// What the kernel's FUSE refuses before it asks a server (docs/SEMANTICS.md): each must still be refused, so that the
/// documentation is corrected when a kernel learns it.
let limitCases: [TestCase] = [
    TestCase("Limits/what FUSE has no request for is refused, and leaves the file alone") { bench in
        let source = try bench.make("source")
        try served(bench, source: source) { mount in
            let said = try run(
                [
                    "python3", "-c",
                    familyPrelude + #"""
                        os.chdir(sys.argv[1]); fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o600); os.write(fd, b"x" * 20000); other = os.open("g", os.O_RDWR | os.O_CREAT, 0o600)
                        for what, mode in (("collapse", 8), ("insert", 32), ("unshare", 64)): attempt(what, libc_call, "fallocate", fd, mode, ctypes.c_long(0), ctypes.c_long(4096))
                        attempt("clone", fcntl.ioctl, other, 0x40049409, fd); attempt("no wait", os.preadv, fd, [bytearray(2)], 0, 8)
                        say(os.fstat(fd).st_size, os.pread(fd, 3, 4095))
                        """#,
                    mount.path,
                ])
            try expectEqual(
                said.lines,
                [
                    "collapse ENOTSUP", "insert ENOTSUP", "unshare ENOTSUP", "clone ENOTSUP", "no wait ENOTSUP",
                    "20000 b'xxx'",
                ], "what was refused")
        }
    },
    TestCase("Limits/the largest sparse file there can be is promoted where it has data, and its holes stay") { bench in
        let source = try bench.loop("mkfs.xfs -q -f", megabytes: 400, name: "source")
        try served(bench, source: source, ["--promote", "*"]) { mount in
            // The last byte but a page of what a file may have; data in its fifth chunk and near its end.
            try require(
                """
                truncate -s 9223372036854773022 huge
                dd if=/dev/urandom of=huge bs=1M seek=8 count=2 conv=notrunc status=none
                dd if=/dev/urandom of=huge bs=4096 seek=2251799813684000 count=1 conv=notrunc status=none
                test "$(dd if=huge bs=4096 skip=99999999 count=2 status=none | tr -d '\\0' | wc -c)" = 0
                """, in: mount.path)
            let promoted = try bench.cli("promote", mount.path + "/huge", "--wait", "--json")
            try expectEqual(promoted.status, 0, "promote: \(promoted.text)")
            let file = try JSON(promoted.text)["files"]?.array?.first
            try expectEqual(file?["eligibleBytes"]?.number, 4_194_304, "bytes in chunks with data")
            try require("test $(stat -c %b huge) -lt 10000", in: source)
        }
        // Off the mount, and where there is no room for a copy of it.
        let promoted = try bench.cli("promote", source + "/huge", "--json")
        try expectEqual(promoted.status, 0, "promote on no mount: \(promoted.text)")
        let map = try bench.cli("map", source + "/huge", "--json")
        try expectEqual(map.status, 0, "map: \(map.text)")
        try expectEqual(try JSON(map.text)["pmdMappedBytes"]?.number, 4_194_304, "map: \(map.text)")
        for command in ["map", "explain"] {
            let outcome = try bench.cli(command, source + "/huge")
            try expectEqual(outcome.status, 0, "\(command): \(outcome.text)")
        }
        let collapsed = try bench.cli("collapse", source + "/huge")
        try expect(collapsed.status == 1 && collapsed.text.contains("ENOMEM"), "collapse of all: \(collapsed.text)")
        let part = try bench.cli("collapse", source + "/huge", "--offset", "8M", "--length", "2M", "--json")
        try expectEqual(try JSON(part.text)["total"]?.number, 1, "collapse of a part: \(part.text)")
        try served(bench, source: source, ["--route", "staged", "--promote", "*"]) { mount in
            let staged = try bench.cli("promote", mount.path + "/huge", "--wait")
            try expectEqual(staged.status, 1, "promote, staged: \(staged.text)")
            try expect(staged.text.contains("ENOSPC"), staged.text)
            try require("cmp -n 1048576 -i 8388608 huge \"$S/huge\"", in: mount.path, environment: ["S": source])
        }
        try require("test $(stat -c %b huge) -lt 10000", in: source)
    },
]
