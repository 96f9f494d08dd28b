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
    }
]
