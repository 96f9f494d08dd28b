/// Who may do what, and to whom belongs what is made: other users, groups, umask, set-group-id directories.
let permissionsFamily = Family(
    "Permissions",
    [
        .shell(
            "permission denied",
            #"""
            other="setpriv --reuid 65534 --regid 65534 --clear-groups"; chmod 755 .; echo secret > f; chmod 600 f; mkdir -m 700 d; echo x > d/x; mkdir -m 711 e; echo y > e/y; mkdir -m 1777 t; echo mine > t/mine
            $other cat f; $other sh -c 'echo a > f'; $other ls d; $other cat d/x; $other ls e; $other cat e/y; $other touch new; $other chmod 777 f; $other rm f; $other rm t/mine; $other mv t/mine t/z; $other touch t/theirs; $other rm t/theirs
            $other ln f t/l; $other mkdir t/d; stat -c '%u %g %A' t/d; $other setfattr -n user.x -v y f; $other truncate -s 0 f; $other chown 65534 f; $other python3 -c 'import os; print([os.access(p, m) for p in ("f", "d", "e", "t") for m in (4, 2, 1)])'
            """#
        ),
        .shell(
            "owner of what is created",
            #"""
            mkdir -m 777 d; cd d; other="setpriv --reuid 12345 --regid 23456 --groups 34567"; $other touch f; $other mkdir s; $other ln -s f l; $other mkfifo p; $other ln f h; $other sh -c 'echo data > g; chgrp 34567 g; chgrp 99 g; chown 0 g'
            stat -c '%n %u %g %A' *; chown 0:34567 .; chmod g+s .; $other touch inherits; $other mkdir sub; stat -c '%n %u %g %A' inherits sub
            """#
        ),
        .shell(
            "umask",
            #"""
            for mask in 000 022 027 077 777; do umask $mask; touch f$mask; mkdir d$mask; mkfifo p$mask; done; stat -c '%n %a' *; umask 022; python3 -c 'import os; os.umask(0o27); os.close(os.open("o", os.O_CREAT|os.O_WRONLY, 0o6777)); os.mkdir("m", 0o1777)'; stat -c '%n %a' o m
            """#
        ),
        .python(
            "every mode for every kind of user",
            #"""
            os.chmod(".", 0o755); os.mkdir("m"); names = []
            for mode in (0, 0o400, 0o200, 0o100, 0o040, 0o020, 0o010, 0o004, 0o002, 0o001, 0o644, 0o755, 0o077, 0o707, 0o770):
                for kind in ("f", "d"):
                    n = "m/%s%03o" % (kind, mode); names.append((kind, n))
                    if kind == "f": open(n, "w").write("#!/bin/true\n")
                    else: os.mkdir(n); open(n + "/in", "w").write("x")
                    os.chown(n, 1001, 2001); os.chmod(n, mode)
            def code(act):
                try: act(); return "."
                except OSError as e: return error(e)
            def body():
                for kind, n in names:
                    if kind == "f": say(n, [code(a) for a in (lambda: open(n).read(), lambda: os.close(os.open(n, os.O_WRONLY)), lambda: os.close(os.open(n, os.O_RDWR)), lambda: os.execv(n, [n]) if not os.access(n, 1) else None, lambda: os.truncate(n, 12))], [os.access(n, m) for m in (4, 2, 1, 6)])
                    else: say(n, [code(a) for a in (lambda: os.listdir(n), lambda: os.stat(n + "/in"), lambda: open(n + "/in").read(), lambda: os.close(os.open(n + "/new", os.O_CREAT | os.O_WRONLY)), lambda: os.unlink(n + "/new"), lambda: os.chdir(n) or os.chdir("../.."), lambda: os.stat(n + "/none"))], [os.access(n, m) for m in (4, 2, 1)])
            for who in ((1001, 2001, []), (1002, 2001, []), (1002, 9, [2001]), (1002, 9, [5, 6, 7, 2001]), (1003, 9, []), (1001, 9, [])): say(who); as_user(*who, body)
            for n, _ in (("x", 0),): body()
            """#
        ),
        .python(
            "what each user makes belongs to",
            #"""
            os.chmod(".", 0o755)
            for n, group, mode in (("plain", 0, 0o777), ("sgid", 2001, 0o2777), ("group", 2001, 0o775), ("groupsgid", 2001, 0o2775), ("sticky", 0, 0o1777)): os.mkdir(n); os.chown(n, 0, group); os.chmod(n, mode)
            def body():
                for mask in (0, 0o22, 0o77, 0o777):
                    os.umask(mask)
                    for d in ("plain", "sgid", "group", "groupsgid", "sticky"):
                        n = "%s/%d-%d-%d-%o" % (d, os.geteuid(), os.getegid(), len(os.getgroups()), mask)
                        for what, act in (("f", lambda p: os.close(os.open(p, os.O_CREAT | os.O_RDWR, 0o6777))), ("d", lambda p: os.mkdir(p, 0o7777)), ("p", lambda p: os.mkfifo(p, 0o666)), ("s", lambda p: os.symlink("x", p)), ("k", lambda p: socket.socket(socket.AF_UNIX).bind(p))):
                            try: act(n + what); s = os.lstat(n + what); say(n + what, s.st_uid, s.st_gid, oct(s.st_mode))
                            except OSError as e: say(n + what, error(e))
            body()
            for who in ((1001, 2001, []), (1001, 9, [2001]), (1001, 9, [1, 2, 3, 2001, 4]), (1001, 9, [])): as_user(*who, body)
            """#
        ),
        .python(
            "ids that differ, and root without its power",
            #"""
            os.chmod(".", 0o755); open("f", "w").write("x"); os.chown("f", 1001, 2001); os.chmod("f", 0o600); os.mkdir("d"); os.chown("d", 1001, 2001); os.chmod("d", 0o700); os.mkdir("o"); os.chmod("o", 0o777)
            def fork_ids(r, e, body):
                def set():
                    os.setgroups([]); os.setresgid(*e[1:], e[1]) if False else os.setresgid(r[1], e[1], e[1]); os.setresuid(r[0], e[0], 0); body()
                in_child(set)
            def body(): attempt("read", lambda: open("f").read()); say(os.access("f", 4), os.access("f", 4, effective_ids=True)); attempt("make", lambda: os.close(os.open("o/%d-%d" % (os.getuid(), os.geteuid()), os.O_CREAT | os.O_WRONLY))); attempt("owner", lambda: os.stat("o/%d-%d" % (os.getuid(), os.geteuid())).st_uid)
            for r, e in (((1001, 2001), (1002, 9)), ((1002, 9), (1001, 2001)), ((1001, 9), (0, 0)), ((0, 0), (1001, 9))): say(r, e); fork_ids(r, e, body)
            say(subprocess.run(["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner,-fsetid,-chown", "--inh-caps", "-dac_override,-dac_read_search,-fowner,-fsetid,-chown", "sh", "-c", "cat f; ls d; echo y > f; chmod 644 f; chown 5 f; touch d/x; echo z > o/root; chown 5 o/root; cp /bin/true t; chmod 6777 t; echo q >> t; stat -c %a t; stat -c '%u %a' o/root"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode())
            """#
        ),
    ])
