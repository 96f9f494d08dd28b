/// truncate(2), ftruncate(2), O_TRUNC.
let truncateFamily = Family(
    "Truncate",
    [
        .shell(
            "truncate",
            #"""
            head -c 5000000 /dev/zero | tr '\0' a > f; truncate -s 3000001 f; stat -c %s f; truncate -s 6000000 f; tail -c 10 f | od -c | head -2
            truncate -s 0 f; stat -c %s f; perl -e 'truncate("f", -1) or print "$!\n"; mkdir "d"; truncate("d", 0) or print "$!\n"; truncate("none", 0) or print "$!\n"'
            python3 -c '
            import os
            fd = os.open("f", os.O_RDONLY)
            try: os.ftruncate(fd, 5)
            except OSError as e: print(e.strerror)
            fd = os.open("f", os.O_RDWR); os.write(fd, b"hello"); os.ftruncate(fd, 2); os.ftruncate(fd, 4); print(os.pread(fd, 10, 0), os.fstat(fd).st_size)
            '
            """#
        ),
        .python(
            "with a handle, without, and what refuses",
            #"""
            def size(): return os.stat("f").st_size
            fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o600); os.write(fd, b"t" * 10000)
            for n in (0, 1, 4095, 4096, 4097, 100000, 1 << 33, 10): attempt("by name %d" % n, os.truncate, "f", n); say(size(), os.fstat(fd).st_size, os.pread(fd, 3, 4094)); attempt("by handle %d" % n, os.ftruncate, fd, n + 1); say(size(), os.fstat(fd).st_size)
            for n in (-1, 1 << 62, (1 << 63) - 1): attempt("%d" % n, os.ftruncate, fd, n); say(size() if size() < 1 << 40 else "huge"); os.ftruncate(fd, 5)
            r = os.open("f", os.O_RDONLY); attempt("read-only", os.ftruncate, r, 1); os.mkdir("d"); attempt("directory", os.truncate, "d", 0); attempt("its handle", os.ftruncate, os.open("d", os.O_RDONLY), 0); os.mkfifo("p"); attempt("fifo", os.truncate, "p", 0); os.symlink("f", "s"); attempt("through a link", os.truncate, "s", 3); say(size()); attempt("none", os.truncate, "none", 0)
            os.unlink("f"); attempt("unlinked", os.ftruncate, fd, 777); say(os.fstat(fd).st_size); open("g", "w").write("data"); say(os.stat("g").st_size); os.close(os.open("g", os.O_RDONLY | os.O_TRUNC)); say(os.stat("g").st_size)
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)); signal.signal(signal.SIGXFSZ, signal.SIG_IGN); attempt("past the limit", os.truncate, "g", 10000); h = os.open("h", os.O_WRONLY | os.O_CREAT, 0o600); attempt("write to the limit", os.write, h, b"w" * 10000); attempt("write at it", os.write, h, b"w")
            """#
        ),
        .python(
            "as others",
            #"""
            os.chmod(".", 0o755)
            for mode in (0o644, 0o622, 0o666): n = "f%o" % mode; open(n, "w").write("x" * 100); os.chmod(n, mode)
            def body():
                for n in sorted(os.listdir(".")):
                    attempt("truncate " + n, os.truncate, n, 50); attempt("O_TRUNC " + n, os.open, n, os.O_WRONLY | os.O_TRUNC); attempt("O_RDONLY|O_TRUNC " + n, os.open, n, os.O_RDONLY | os.O_TRUNC); say(os.stat(n).st_size)
            as_user(65534, 65534, [], body)
            """#
        ),
    ])
