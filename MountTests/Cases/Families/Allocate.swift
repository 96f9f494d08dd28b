/// fallocate(2), as far as FUSE carries it: without collapse and insert, for which the kernel has no request (Linux 6.18
/// fs/fuse/file.c fuse_file_fallocate(), read).
let allocateFamily = Family(
    "Allocate",
    [
        .shell(
            "fallocate modes",
            #"""
            head -c 5242880 /dev/zero | tr '\0' b > f; cp f g
            fallocate -l 8M f; stat -c %s f; fallocate -n -o 8M -l 1M f; stat -c %s f; fallocate -p -o 1M -l 1M f; sha256sum f
            fallocate -z -o 4096 -l 10000 g; sha256sum g; fallocate -z -o 5M -l 1M g; stat -c %s g
            fallocate -l 1M /dev/fd/3 3< f; echo $?
            """#
        ),
        .python(
            "every mode that FUSE carries",
            #"""
            def allocate(fd, mode, at, size): return libc_call("fallocate", fd, mode, ctypes.c_long(at), ctypes.c_long(size))
            def show(fd):
                s = os.fstat(fd); data = os.pread(fd, 3 << 20, 0); say(s.st_size, len(data), data.count(b"x"), data.count(b"\0"))
            for mode in (0, 1, 2, 3, 16, 17, 18):
                for at, size in ((0, 4096), (4096, 8192), (1000, 5000), (1 << 20, 1 << 20), (100, 0), (-1, 10), (0, -1), (1 << 62, 1 << 62)):
                    fd = os.open("f", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600); os.write(fd, b"x" * 100000)
                    attempt("%d %d %d" % (mode, at, size), allocate, fd, mode, at, size); show(fd); os.close(fd)
            fd = os.open("f", os.O_RDONLY); attempt("read-only", allocate, fd, 0, 0, 10); d = os.open(".", os.O_RDONLY); attempt("directory", allocate, d, 0, 0, 10); os.mkfifo("p"); p = os.open("p", os.O_RDWR); attempt("fifo", allocate, p, 0, 0, 10)
            a = os.open("a", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600); attempt("append", allocate, a, 0, 0, 5000); say(os.fstat(a).st_size); attempt("punch of an append", allocate, a, 3, 0, 100)
            u = os.open("u", os.O_RDWR | os.O_CREAT, 0o600); os.unlink("u"); attempt("unlinked", allocate, u, 0, 0, 7000); say(os.fstat(u).st_size)
            """#
        ),
        .python(
            "blocks beyond the end, times and mapped data",
            #"""
            def allocate(fd, mode, at, size): return libc_call("fallocate", fd, mode, ctypes.c_long(at), ctypes.c_long(size))
            fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o600); os.write(fd, b"y" * 5000); os.fsync(fd); before = os.fstat(fd); allocate(fd, 1, 0, 1 << 20); after = os.fstat(fd); say(after.st_size, after.st_blocks > before.st_blocks, after.st_ctime_ns >= before.st_ctime_ns)
            allocate(fd, 0, 0, 2 << 20); m = mmap.mmap(fd, 2 << 20); m[1 << 20:(1 << 20) + 4] = b"data"; m.flush(); allocate(fd, 3, 1 << 20, 4096); say(m[1 << 20:(1 << 20) + 4], os.pread(fd, 4, 1 << 20)); attempt("zero", allocate, fd, 16, 0, 4096); say(m[:4], os.pread(fd, 4, 0), m[4990:4992])
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 22, 1 << 22)); signal.signal(signal.SIGXFSZ, signal.SIG_IGN); attempt("past the limit", allocate, fd, 0, 0, 1 << 23)
            """#
        ),
    ])
