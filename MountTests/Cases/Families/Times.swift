/// utimensat(2), and which operation moves which time.
let timesFamily = Family(
    "Times",
    [
        .shell(
            "timestamps",
            #"""
            echo x > f; ln -s f s; mkdir d; touch -d '2001-02-03 04:05:06.123456789 UTC' f; touch -h -d '1999-01-01 UTC' s; touch -a -d '2005-01-01 UTC' d; touch -m -d '1960-01-01 UTC' d; touch -r f g; TZ=UTC stat -c '%n %y' f s d g; TZ=UTC stat -c %x d
            python3 - <<'END'
            import os, time
            before = os.stat("f"); time.sleep(0.02); os.chmod("f", 0o600); s = os.stat("f"); print(s.st_mtime_ns == before.st_mtime_ns, s.st_ctime_ns > before.st_ctime_ns)
            open("f", "a").write("y"); t = os.stat("f"); print(t.st_mtime_ns > s.st_mtime_ns, t.st_size); os.utime("f", ns=(5, 2**33 * 10**9)); print(os.stat("f").st_mtime_ns, os.stat("f").st_atime_ns)
            d = os.stat(".").st_mtime_ns; time.sleep(0.02); open("new", "w"); print(os.stat(".").st_mtime_ns > d); d = os.stat(".").st_mtime_ns; time.sleep(0.02); os.unlink("new"); print(os.stat(".").st_mtime_ns > d)
            try: os.utime("none")
            except OSError as e: print(e.strerror)
            END
            touch -c none; ls; setpriv --reuid 65534 --clear-groups touch -d 2001-01-01 f
            """#
        ),
        .python(
            "NOW, OMIT and nanoseconds",
            #"""
            NOW, OMIT = (1 << 30) - 1, (1 << 30) - 2
            class timespec(ctypes.Structure): _fields_ = [("s", ctypes.c_long), ("n", ctypes.c_long)]
            def utimens(path, a, m, flags=0, fd=-100): return libc_call("utimensat", fd, path, (timespec * 2)(timespec(*a), timespec(*m)), flags)
            def show(what, path="f"): s = os.lstat(path); say(what, s.st_atime_ns if s.st_atime_ns < 10**18 else "now", s.st_mtime_ns if s.st_mtime_ns < 10**18 else "now", s.st_ctime_ns > 10**18)
            open("f", "w").write("x"); os.symlink("f", "s")
            for a, m in (((1, 2), (3, 4)), ((5, 6), (0, OMIT)), ((0, OMIT), (7, 8)), ((0, OMIT), (0, OMIT)), ((0, NOW), (9, 10)), ((11, 12), (0, NOW)), ((0, NOW), (0, NOW)), ((-5, 7), (-1, 999999999)), ((0, 0), (2**31, 1)), ((2**32, 5), (2**33, 6)), ((1, 10**9), (1, 1)), ((1, -1), (1, 1)), ((0, 1), (0, OMIT))):
                attempt("%s %s" % (a, m), utimens, b"f", a, m); show("is")
            attempt("link", utimens, b"s", (1, 2), (3, 4), 0x100); show("link", "s"); attempt("through it", utimens, b"s", (15, 2), (16, 4)); show("file"); fd = os.open("f", os.O_RDONLY); attempt("fd", libc_call, "futimens", fd, (timespec * 2)(timespec(21, 22), timespec(23, 24))); show("fd")
            attempt("none", utimens, b"none", (0, OMIT), (0, OMIT)); attempt("nowhere", utimens, b"none", (0, 1), (0, 1)); os.mkdir("d"); attempt("directory", utimens, b"d", (1, 2), (3, 4)); show("d", "d"); attempt("path", utimens, b"", (31, 32), (33, 34), 0x1000, os.open("f", os.O_PATH)); show("path")
            """#
        ),
        .python(
            "times of others",
            #"""
            NOW, OMIT = (1 << 30) - 1, (1 << 30) - 2
            class timespec(ctypes.Structure): _fields_ = [("s", ctypes.c_long), ("n", ctypes.c_long)]
            os.chmod(".", 0o755)
            for mode in (0o600, 0o644, 0o666): n = "f%o" % mode; open(n, "w").close(); os.chmod(n, mode)
            def body():
                for n in sorted(os.listdir(".")):
                    for a, m in (((0, NOW), (0, NOW)), ((1, 1), (1, 1)), ((0, NOW), (0, OMIT)), ((0, OMIT), (0, NOW)), ((0, OMIT), (0, OMIT))): attempt("%s %s %s" % (n, a, m), libc_call, "utimensat", -100, n.encode(), (timespec * 2)(timespec(*a), timespec(*m)), 0)
                    attempt("null", libc_call, "utimensat", -100, n.encode(), None, 0)
            as_user(65534, 65534, [], body)
            """#
        ),
        .python(
            "what moves which time",
            #"""
            def moved(what, act, path="f"):
                os.utime(path, ns=(10**9, 10**9), follow_symlinks=False); before = os.lstat(path).st_ctime_ns; time.sleep(0.012); act(); s = os.lstat(path); say(what, s.st_atime_ns != 10**9, s.st_mtime_ns != 10**9, s.st_ctime_ns != before)
            open("f", "w").write("x" * 5000); os.mkdir("d"); fd = os.open("f", os.O_RDWR)
            moved("chmod", lambda: os.chmod("f", 0o600)); moved("chown", lambda: os.chown("f", 1, 1)); moved("link", lambda: os.link("f", "g")); moved("rename", lambda: os.rename("g", "h")); moved("unlink", lambda: os.unlink("h")); moved("setxattr", lambda: os.setxattr("f", "user.a", b"b")); moved("write", lambda: os.pwrite(fd, b"y", 0)); moved("empty write", lambda: os.pwrite(fd, b"", 0))
            moved("truncate to the same", lambda: os.truncate("f", 5000)); moved("ftruncate to the same", lambda: os.ftruncate(fd, 5000)); moved("truncate", lambda: os.truncate("f", 10)); moved("O_TRUNC", lambda: os.close(os.open("f", os.O_WRONLY | os.O_TRUNC))); moved("O_TRUNC of nothing", lambda: os.close(os.open("f", os.O_WRONLY | os.O_TRUNC))); moved("open", lambda: os.close(os.open("f", os.O_RDWR)))
            moved("in the directory", lambda: open("d/x", "w").close(), "d"); moved("out of it", lambda: os.unlink("d/x"), "d"); moved("mkdir", lambda: os.mkdir("d/e"), "d"); moved("rmdir", lambda: os.rmdir("d/e"), "d"); moved("chmod of it", lambda: os.chmod("d", 0o700), "d"); moved("symlink", lambda: os.symlink("x", "d/s"), "d"); moved("a write inside", lambda: open("d/y", "w").write("x"), "d"); moved("list", lambda: os.listdir("d"), "d")
            moved("chown to nobody", lambda: os.chown("f", -1, -1)); moved("copy", lambda: os.copy_file_range(fd, os.open("o", os.O_RDWR | os.O_CREAT), 1)); moved("fallocate", lambda: os.posix_fallocate(fd, 0, 9000))
            """#
        ),
        .python(
            "when it was made",
            #"""
            open("f", "w").write("x"); first = int(subprocess.check_output(["stat", "-c", "%W", "f"])); say(first > 10**9 or first); os.utime("f", (1, 2)); open("f", "a").write("y"); os.chmod("f", 0o600); os.rename("f", "g"); say(int(subprocess.check_output(["stat", "-c", "%W", "g"])) == first); os.mkdir("d"); os.symlink("x", "s")
            say([int(subprocess.check_output(["stat", "-c", "%W", n])) > 10**9 for n in ("d", "s")])
            """#
        ),
    ])
