/// open(2) and its flags.
let openFlagsFamily = Family(
    "OpenFlags",
    [
        .shell(
            "O_EXCL and creation errors",
            #"""
            python3 - <<'END'
            import os, errno
            def attempt(what, *args):
                try: fd = os.open(*args); print(what, "done"); os.close(fd)
                except OSError as e: print(what, errno.errorcode[e.errno])
            W = os.O_WRONLY | os.O_CREAT
            attempt("new", "a", W | os.O_EXCL, 0o640); attempt("again", "a", W | os.O_EXCL, 0o640)
            os.symlink("nowhere", "s"); attempt("excl on symlink", "s", W | os.O_EXCL)
            os.mkdir("d"); attempt("dir write", "d", os.O_WRONLY); attempt("dir create", "d", os.O_RDONLY | os.O_CREAT)
            attempt("file as dir", "a", os.O_DIRECTORY); attempt("nofollow", "s", os.O_NOFOLLOW); attempt("below file", "a/b", W)
            attempt("in none", "none/b", W); attempt("trunc", "a", os.O_WRONLY | os.O_TRUNC); attempt("path", "s", os.O_PATH | os.O_NOFOLLOW)
            END
            """#
        ),
        .shell(
            "O_APPEND",
            #"""
            python3 - <<'END'
            import os
            a = os.open("f", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644); b = os.open("f", os.O_WRONLY | os.O_APPEND); c = os.open("f", os.O_RDWR)
            for i in range(50): os.write(a, b"a%d " % i); os.write(b, b"b%d " % i)
            os.pwrite(c, b"XX", 1); os.lseek(a, 0, 0); os.write(a, b"end"); print(os.lseek(a, 0, 1), os.fstat(c).st_size, os.pread(c, 20, 0))
            END
            for i in 1 2 3 4; do (for j in $(seq 100); do echo "line $i" >> g; done) & done; wait; sort g | uniq -c; rm g
            """#
        ),
        .shell(
            "direct I/O",
            #"""
            head -c 4M /dev/zero | tr '\0' d > f; dd if=f of=g bs=64k iflag=direct oflag=direct status=none; echo $?; cmp f g && echo same; dd if=g bs=4096 skip=3 count=2 iflag=direct status=none | sha256sum; printf x | dd of=g bs=1 seek=5 conv=notrunc status=none; dd if=g bs=4096 count=1 iflag=direct status=none | head -c 8; echo
            """#
        ),
        .python(
            "every flag on every kind",
            #"""
            os.umask(0); os.chmod(".", 0o777); open("f", "w").write("data"); os.mkdir("d"); os.symlink("f", "s"); os.symlink("none", "dangling"); os.symlink("d", "sd"); open("ro", "w").close(); os.chmod("ro", 0o444)
            flags = {"r": 0, "w": 1, "rw": 2, "3": 3, "creat": 0o100 | 1, "excl": 0o300 | 1, "trunc": 0o1001, "append": 0o2001, "dir": 0o200000, "nofollow": 0o400000, "noatime": 0o1000000, "path": 0o10000000, "pathnofollow": 0o10400000, "creatdir": 0o200101, "direct": 0o40002, "sync": 0o4010002, "nonblock": 0o4002, "createxcltrunc": 0o1301}
            def body():
                for name in sorted(flags):
                    for n in ("f", "d", "s", "dangling", "sd", "ro", "new", "f/", "d/", "d/none/x", "f/x"):
                        try: fd = os.open(n, flags[name], 0o640)
                        except OSError as e: say(name, n, error(e)); continue
                        say(name, n, oct(fcntl.fcntl(fd, fcntl.F_GETFL)), oct(os.fstat(fd).st_mode)); os.close(fd)
                        for gone in ("new", "none"):
                            if os.path.lexists(gone): os.unlink(gone)
            body(); as_user(65534, 65534, [], body)
            """#
        ),
        .python(
            "flags changed while it is open, and vectors with flags",
            #"""
            fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o600); os.write(fd, b"0123456789"); fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND); os.lseek(fd, 2, 0); os.write(fd, b"A"); say(os.lseek(fd, 0, 1), os.pread(fd, 99, 0)); say(os.pwrite(fd, b"B", 0), os.pread(fd, 99, 0)); fcntl.fcntl(fd, fcntl.F_SETFL, 0); os.pwrite(fd, b"C", 0); say(os.pread(fd, 99, 0)); other = os.open("f", os.O_WRONLY | os.O_APPEND); os.write(other, b"D"); os.ftruncate(fd, 3); os.write(other, b"E"); say(os.pread(fd, 99, 0))
            for flag in (0x1, 0x2, 0x4, 0x10, 0x20, 0x1000): attempt("pwritev2 %x" % flag, os.pwritev, fd, [b"v"], 1, flag); say(os.pread(fd, 99, 0)); attempt("preadv2 %x" % flag, os.preadv, fd, [bytearray(2)], 0, flag)
            attempt("noatime", fcntl.fcntl, fd, fcntl.F_SETFL, 0o1000000); say(oct(fcntl.fcntl(fd, fcntl.F_GETFL))); w = os.open("f", os.O_WRONLY); attempt("read of a writer", os.read, w, 1); r = os.open("f", os.O_RDONLY); attempt("write of a reader", os.write, r, b"x"); attempt("map for writing", mmap.mmap, r, 3, prot=mmap.PROT_WRITE); p = os.open("f", os.O_PATH); attempt("read of a path", os.read, p, 1); attempt("negative", os.pread, fd, 1, -1); attempt("vectors", os.writev, fd, [b"x"] * 1024); attempt("too many", os.writev, fd, [b"x"] * 1025)
            """#
        ),
        .python(
            "direct I/O at block boundaries",
            #"""
            open("f", "wb").write(bytes(range(256)) * 256); fd = attempt_quiet("open", os.open, "f", os.O_RDWR | os.O_DIRECT)
            if fd is not None:
                m = mmap.mmap(-1, 65536); say(os.preadv(fd, [m], 0), m[:4]); m[:4096] = b"q" * 4096; say(os.pwritev(fd, [memoryview(m)[:4096]], 4096)); r = os.open("f", os.O_RDONLY); say(os.pread(r, 4, 4096), os.pread(r, 2, 8192)); say(os.preadv(fd, [memoryview(m)[:4096]], 65536), os.preadv(fd, [memoryview(m)[:8192]], 61440)); say(os.pwritev(fd, [memoryview(m)[:4096]], 65536), os.fstat(fd).st_size); os.write(os.open("f", os.O_WRONLY), b"cached"); say(os.preadv(fd, [memoryview(m)[:4096]], 0), m[:6]); a = os.open("f", os.O_WRONLY | os.O_DIRECT | os.O_APPEND); say(os.writev(a, [memoryview(m)[:4096]]), os.fstat(a).st_size); c = os.open("f", os.O_RDONLY); mm = mmap.mmap(c, 4096, prot=mmap.PROT_READ); m[4096:8192] = b"r" * 4096; os.pwritev(fd, [memoryview(m)[4096:8192]], 0); say(mm[:3] == m[4096:4099])
            """#
        ),
    ])
