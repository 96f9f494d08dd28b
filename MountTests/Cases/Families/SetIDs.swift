/// Set-id bits and file capabilities: what clears them.
let setIDsFamily = Family(
    "SetIDs",
    [
        .shell(
            "setuid and setgid bits",
            #"""
            mkdir -m 2775 d; chgrp 23456 d; touch d/f; mkdir d/s; stat -c '%g %a' d/f d/s; cp /bin/true t; chmod 6755 t; stat -c %a t; chown 1:1 t; stat -c %a t; chmod 6777 t
            setpriv --reuid 65534 --regid 65534 --clear-groups sh -c 'echo x >> t'; stat -c %a t; chmod 6777 t; echo y >> t; stat -c %a t
            """#
        ),
        .python(
            "what clears them, for whom",
            #"""
            os.chmod(".", 0o777); CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)
            def fresh(mode):
                if os.path.exists("f"): os.unlink("f")
                open("f", "wb").write(b"d" * 10000); os.chown("f", 1001, 1002); os.chmod("f", mode | 0o666); os.setxattr("f", "security.capability", CAPABILITY)
            def opened(act, flags=os.O_RDWR):
                fd = os.open("f", flags)
                try: act(fd)
                finally: os.close(fd)
            open("other", "wb").write(b"o" * 100); os.chmod("other", 0o666)
            acts = (("write", lambda: opened(lambda fd: os.write(fd, b"x"))), ("append", lambda: opened(lambda fd: os.write(fd, b"x"), os.O_WRONLY | os.O_APPEND)), ("nothing written", lambda: opened(lambda fd: os.write(fd, b""))), ("truncate", lambda: os.truncate("f", 10)), ("ftruncate", lambda: opened(lambda fd: os.ftruncate(fd, 20000))), ("O_TRUNC", lambda: opened(lambda fd: None, os.O_WRONLY | os.O_TRUNC)), ("allocate", lambda: opened(lambda fd: os.posix_fallocate(fd, 0, 30000))), ("copy", lambda: opened(lambda fd: os.copy_file_range(os.open("other", os.O_RDONLY), fd, 50))), ("open", lambda: opened(lambda fd: None)), ("sendfile", lambda: opened(lambda fd: os.sendfile(fd, os.open("other", os.O_RDONLY), 0, 50))))
            def one(mode, what, act):
                try: act()
                except OSError as e: say(error(e))
            for mode in (0o6711, 0o4700, 0o2710, 0o2700, 0o6600):
                for who, groups in ((0, []), (65534, []), (65534, [1002])):
                    for what, act in acts:
                        fresh(mode)
                        if who: as_user(who, who, groups, lambda: one(mode, what, act))
                        else: one(mode, what, act)
                        s = os.stat("f"); say(oct(mode), who, groups, what, oct(s.st_mode), "security.capability" in os.listxattr("f"))
            """#
        ),
        .python(
            "chown and chmod",
            #"""
            os.chmod(".", 0o777)
            for kind in ("f", "d"):
                for mode in (0o6711, 0o6777, 0o2700, 0o4600):
                    for u, g in ((-1, -1), (1001, -1), (-1, 1002), (7, 8)):
                        if kind == "f": open(kind, "w").close()
                        else: os.mkdir(kind)
                        os.chown(kind, 1001, 1002); os.chmod(kind, mode); attempt("%s %o %d %d" % (kind, mode, u, g), os.chown, kind, u, g); say(oct(os.stat(kind).st_mode))
                        os.chown(kind, 1001, 1002); os.chmod(kind, mode); as_user(1001, 1002, [3003], lambda: attempt("owner", os.chown, kind, -1, 3003)); say(oct(os.stat(kind).st_mode)); os.rmdir(kind) if kind == "d" else os.unlink(kind)
            for mode in (0o2644, 0o2755):
                os.mkfifo("p"); os.chown("p", 1001, 1002); os.chmod("p", mode); as_user(1001, 4004, [], lambda: attempt("fifo", os.chown, "p", 1001, -1)); say(oct(os.stat("p").st_mode)); os.unlink("p")
            """#
        ),
        .python(
            "in set-group-id directories",
            #"""
            os.mkdir("d"); os.chown("d", 0, 1002); os.chmod("d", 0o2777); os.umask(0)
            def body():
                for mode in (0o2755, 0o2711, 0o2644, 0o6777, 0o644):
                    n = "d/%o-%d-%d-%d" % (mode, os.geteuid(), os.getegid(), len(os.getgroups())); os.close(os.open(n, os.O_CREAT | os.O_WRONLY, mode)); s = os.stat(n); say("file", oct(mode), s.st_uid, s.st_gid, oct(s.st_mode)); os.mkdir(n + "d", mode); s = os.stat(n + "d"); say("directory", s.st_gid, oct(s.st_mode)); os.mknod(n + "p", stat.S_IFIFO | mode); s = os.stat(n + "p"); say("fifo", s.st_gid, oct(s.st_mode))
                    fd = os.open("d", os.O_TMPFILE | os.O_RDWR, mode); s = os.fstat(fd); say("nameless", s.st_gid, oct(s.st_mode))
            body(); as_user(1001, 1001, [], body); as_user(1001, 1001, [1002], body); as_user(1001, 1002, [], body)
            """#
        ),
    ])
