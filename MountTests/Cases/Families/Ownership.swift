/// chown(2) and chmod(2).
let ownershipFamily = Family(
    "Ownership",
    [
        .shell(
            "chmod and chown",
            #"""
            echo x > f; ln -s f s; for m in 000 4755 2755 1755 644; do chmod $m f; stat -c %a f; done; chown 1000:2000 f; chown -h 3:4 s; chgrp 5 s; stat -c '%n %u %g' f s; chown none f; chmod 600 none; chmod 640 s; stat -c %a f
            setpriv --reuid 1000 --regid 2000 --clear-groups chmod 4711 f; stat -c %a f; setpriv --reuid 1000 --regid 2000 --clear-groups chgrp 7 f; stat -c %g f
            """#
        ),
        .python(
            "chown by root, the owner and others",
            #"""
            os.chmod(".", 0o777)
            def show(n): s = os.lstat(n); say(n, s.st_uid, s.st_gid, oct(s.st_mode))
            for n in ("f", "g"): open(n, "w").close()
            os.symlink("f", "s"); os.chown("f", 1001, 1002); show("f")
            for u, g in ((-1, 7), (8, -1), (-1, -1), (1001, 1002)): attempt("%d %d" % (u, g), os.chown, "f", u, g); show("f")
            os.lchown("s", 5, 6); show("s"); show("f"); fd = os.open("f", os.O_RDONLY); attempt("fd", os.fchown, fd, 1001, 1002); attempt("path", libc_call, "fchownat", os.open("f", os.O_PATH), b"", 1001, 1002, 0x1000); show("f")
            def owner():
                for u, g in ((-1, 1002), (-1, 3003), (-1, 4004), (1001, -1), (9, -1), (-1, -1), (1001, 3003), (0, 0)): attempt("%d %d" % (u, g), os.chown, "f", u, g); show("f")
                attempt("another's", os.chown, "g", -1, 1002); attempt("nothing", os.chown, "g", -1, -1); attempt("mode", os.chmod, "g", 0o777); attempt("own mode", os.chmod, "f", 0o640)
            as_user(1001, 1002, [3003], owner); as_user(2001, 1002, [], lambda: attempt("other", os.chown, "f", -1, 1002))
            """#
        ),
        .python(
            "chown that names nobody, of files with set-id bits",
            #"""
            os.chmod(".", 0o777)
            def show(n): s = os.lstat(n); say(n, s.st_uid, s.st_gid, oct(s.st_mode))
            for user, groups in ((1001, []), (2001, []), (2001, [1002]), (0, [])):
                for mode in (0o4755, 0o2755, 0o2745, 0o6777, 0o755):
                    n = "f%d%d%o" % (user, len(groups), mode); open(n, "w").close(); os.chown(n, 1001, 1002); os.chmod(n, mode)
                    as_user(user, user, groups, lambda: attempt("nobody %s" % n, os.chown, n, -1, -1)); show(n)
                    os.chmod(n, mode); as_user(user, user, groups, lambda: attempt("itself", os.chown, n, 1001, -1)); show(n)
                    os.chmod(n, mode | 0o22); as_user(user, user, groups, lambda: attempt("write", lambda: open(n, "r+b").write(b"x"))); show(n)
            """#
        ),
        .python(
            "chmod of everything",
            #"""
            os.chmod(".", 0o777); open("f", "w").close(); os.mkdir("d"); os.mkfifo("p"); os.symlink("f", "s"); os.mknod("c", stat.S_IFCHR | 0o600, os.makedev(1, 3))
            for n in ("f", "d", "p", "c"):
                for mode in (0, 0o777, 0o7777, 0o4000, 0o2000, 0o1000, 0o644): os.chmod(n, mode); say(n, oct(mode), oct(os.stat(n).st_mode))
            attempt("link", libc_call, "fchmodat", -100, b"s", 0o600, 0x100); say(oct(os.lstat("s").st_mode)); attempt("none", os.chmod, "none", 0); fd = os.open("f", os.O_RDONLY); os.fchmod(fd, 0o4711); say(oct(os.fstat(fd).st_mode)); attempt("path", os.fchmod, os.open("f", os.O_PATH), 0o600)
            os.chown("f", 1001, 1002); os.chown("d", 1001, 1002)
            def owner():
                for n in ("f", "d"):
                    for mode in (0o2755, 0o2711, 0o1777, 0o4755, 0o6777): attempt("own %s %o" % (n, mode), os.chmod, n, mode); say(oct(os.stat(n).st_mode))
            as_user(1001, 1002, [], owner); as_user(1001, 5005, [], owner)
            """#
        ),
    ])
