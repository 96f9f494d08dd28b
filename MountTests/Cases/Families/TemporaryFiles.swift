/// O_TMPFILE, and files that have lost their names.
let temporaryFilesFamily = Family(
    "TemporaryFiles",
    [
        .shell(
            "unlinked open file",
            #"""
            python3 - <<'END'
            import os
            fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o644); os.write(fd, b"a" * 3000000); os.unlink("f")
            print(os.listdir("."), os.fstat(fd).st_nlink, os.fstat(fd).st_size, os.pread(fd, 3, 2999998)); os.pwrite(fd, b"zz", 0); os.ftruncate(fd, 4096); os.fchmod(fd, 0o600); os.posix_fallocate(fd, 0, 10000)
            print(oct(os.fstat(fd).st_mode), os.fstat(fd).st_size, os.pread(fd, 3, 0)); os.utime(fd, (1, 2)); print(os.fstat(fd).st_mtime); os.setxattr(fd, "user.x", b"y"); print(os.getxattr(fd, "user.x")); os.fsync(fd)
            g = os.open("f", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644); os.write(g, b"new"); print(os.pread(fd, 3, 0), os.pread(g, 3, 0)); os.mkdir("d"); d = os.open("d", os.O_RDONLY); os.rmdir("d"); print(os.listdir(d), os.fstat(d).st_nlink)
            END
            """#
        ),
        .python(
            "O_TMPFILE: modes, links and refusals",
            #"""
            os.umask(0o027)
            def tmp(where, flags, mode=0o666): return os.open(where, os.O_TMPFILE | flags, mode)
            fd = tmp(".", os.O_RDWR, 0o6777); s = os.fstat(fd); say(oct(s.st_mode), s.st_nlink, s.st_size, os.listdir(".")); os.write(fd, b"hidden" * 1000); os.setxattr(fd, "user.k", b"v")
            attempt("link", libc_call, "linkat", -100, b"/proc/self/fd/%d" % fd, -100, b"shown", 0x400); say(os.fstat(fd).st_nlink, os.stat("shown").st_size, os.getxattr("shown", "user.k"), os.stat("shown").st_ino == os.fstat(fd).st_ino)
            attempt("again", libc_call, "linkat", fd, b"", -100, b"second", 0x1000); say(os.stat("shown").st_nlink); attempt("exists", libc_call, "linkat", fd, b"", -100, b"second", 0x1000)
            x = tmp(".", os.O_RDWR | os.O_EXCL); attempt("excl", libc_call, "linkat", x, b"", -100, b"never", 0x1000)
            attempt("read-only", tmp, ".", os.O_RDONLY); open("f", "w").close(); attempt("in a file", tmp, "f", os.O_RDWR); attempt("in none", tmp, "none", os.O_RDWR)
            w = tmp(".", os.O_WRONLY); os.write(w, b"x"); attempt("read", os.read, w, 1); os.ftruncate(w, 100); os.fchmod(w, 0o600); os.fchown(w, 12, 34); os.fsync(w); s = os.fstat(w); say(s.st_size, oct(s.st_mode), s.st_uid, s.st_gid)
            os.mkdir("g"); os.chown("g", 0, 2345); os.chmod("g", 0o2777); g = tmp("g", os.O_RDWR); s = os.fstat(g); say(s.st_gid, oct(s.st_mode)); libc_call("linkat", g, b"", -100, b"g/in", 0x1000); say(os.stat("g/in").st_gid)
            os.close(fd); os.unlink("second"); say(open("shown").read(6), os.stat("shown").st_nlink)
            """#
        ),
        .python(
            "O_TMPFILE as another user",
            #"""
            os.chmod(".", 0o755); os.mkdir("open"); os.chmod("open", 0o777); os.mkdir("shut"); os.chmod("shut", 0o755); os.mkdir("group"); os.chown("group", 0, 777); os.chmod("group", 0o775)
            def body():
                for where in ("open", "shut", "group"):
                    fd = attempt_quiet(where, os.open, where, os.O_TMPFILE | os.O_RDWR, 0o666)
                    if fd is None: continue
                    s = os.fstat(fd); say(where, s.st_uid, s.st_gid, oct(s.st_mode)); attempt("link", libc_call, "linkat", -100, b"/proc/self/fd/%d" % fd, -100, (where + "/n").encode(), 0x400)
            as_user(1001, 1002, [777], body)
            """#
        ),
        .python(
            "many files without names",
            #"""
            fds = [os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600) for i in range(100)]
            for i, fd in enumerate(fds): os.write(fd, b"%d" % i)
            for i, fd in enumerate(fds):
                if i % 3 == 0: libc_call("linkat", fd, b"", -100, b"n%03d" % i, 0x1000)
                os.lseek(fd, 0, 0); assert os.read(fd, 10) == b"%d" % i
                os.close(fd)
            say(len(os.listdir(".")), sorted(os.listdir("."))[:3], open("n099").read())
            d = os.open(".", os.O_RDONLY); os.mkdir("d"); held = os.open("d", os.O_RDONLY); os.rmdir("d"); attempt("in a removed directory", os.open, "x", os.O_CREAT | os.O_WRONLY, dir_fd=held); attempt("mkdir there", os.mkdir, "x", dir_fd=held)
            """#
        ),
    ])
