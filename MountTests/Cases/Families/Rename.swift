/// rename(2), renameat2(2).
let renameFamily = Family(
    "Rename",
    [
        .shell(
            "rename",
            #"""
            echo one > a; echo two > b; mv a c; mv -f b c; cat c; mkdir d e; echo x > e/x
            perl -e 'for (["c","d"],["d","c"],["d","e"],["e","d"],["d","d/in"],["none","c"],["c","c"]) {
                printf "%s %s %s\n", @$_, rename($_->[0], $_->[1]) ? "done" : $!{ENOTDIR} ? "ENOTDIR" : "$!" }'
            ls -R
            """#
        ),
        .shell(
            "rename flags",
            #"""
            echo one > a; echo two > b; mkdir d; echo in > d/x
            python3 - <<'END'
            import ctypes, errno
            libc = ctypes.CDLL(None, use_errno=True)
            def rename(a, b, flags):
                r = libc.renameat2(-100, a.encode(), -100, b.encode(), flags)
                print(a, b, flags, "done" if r == 0 else errno.errorcode[ctypes.get_errno()])
            rename("a", "b", 1); rename("a", "c", 1); rename("c", "b", 2); rename("c", "d", 2); rename("c", "none", 2)
            rename("b", "d", 3); rename("d", "moved", 4); rename("b", "c", 8)
            END
            cat c b 2>&1; ls -l --time-style=+ | sed 's/ [0-9]* / /'
            """#
        ),
        .shell(
            "rename of what is open",
            #"""
            python3 - <<'END'
            import os
            os.makedirs("d/e"); fd = os.open("d/e/f", os.O_RDWR | os.O_CREAT, 0o644); os.write(fd, b"one"); os.rename("d", "moved"); os.write(fd, b"two"); print(open("moved/e/f").read()); os.chdir("moved/e"); os.rename("../../moved", "../../again") ; open("g", "w").write("here"); os.chdir("../..")
            print(sorted(os.listdir("again/e")), open("again/e/g").read()); h = os.open("again/e/h", os.O_WRONLY | os.O_CREAT, 0o644); os.rename("again/e/f", "again/e/h"); os.write(h, b"lost"); print(open("again/e/h").read(), os.fstat(h).st_nlink)
            END
            """#
        ),
        .python(
            "between directories with every flag",
            #"""
            for path in ("a", "b"): os.mkdir(path)
            def fill():
                for d in ("a", "b"):
                    open(d + "/file", "w").write(d); os.mkdir(d + "/empty"); os.mkdir(d + "/full"); open(d + "/full/x", "w").close(); os.symlink("nowhere", d + "/link")
            fill()
            def rename(old, new, flags): return libc_call("renameat2", -100, old.encode(), -100, new.encode(), flags)
            for flags in (1, 2, 0, 4, 5, 3, 6, 8, 1 << 31):
                for old in ("a/file", "a/empty", "a/full", "a/link", "a/none"):
                    for new in ("b/file", "b/empty", "b/full", "b/link", "b/none", old, "a/full/x/y", "a/full/in"):
                        attempt("%s %s %s" % (flags, old, new), rename, old, new, flags)
                say(sorted(os.listdir("a")), sorted(os.listdir("b")), os.stat("a").st_nlink, os.stat("b").st_nlink)
                for d in ("a", "b"): subprocess.call(["rm", "-rf", d]); os.mkdir(d)
                fill()
            """#
        ),
        .python(
            "names that cannot be renamed",
            #"""
            os.mkdir("d"); os.mkdir("d/e"); open("f", "w").close(); os.link("f", "g")
            for old, new in (("d", "d/e/in"), ("d/.", "x"), ("d/..", "x"), ("f", "d/."), ("f/", "x"), ("f", "x/"), ("d", "y/"), ("f", "g"), ("g", "f"), ("f", "n" * 256), ("n" * 256, "f"), ("", "f"), ("f", "")):
                attempt("%s %s" % (old[:9], new[:9]), os.rename, old, new)
            say(sorted(os.listdir(".")), os.stat("f").st_nlink if os.path.exists("f") else None)
            """#
        ),
        .python(
            "sticky directories and other owners",
            #"""
            os.chmod(".", 0o755); os.mkdir("t"); os.chmod("t", 0o1777); os.mkdir("o"); os.chmod("o", 0o777)
            for d in ("t", "o"):
                open(d + "/mine", "w").close(); os.mkdir(d + "/dir")
                def body(d=d):
                    open(d + "/theirs", "w").close(); os.mkdir(d + "/theirdir")
                    for old, new in (("mine", "x"), ("theirs", "mine"), ("theirs", "y"), ("dir", "z"), ("theirdir", "w")): attempt("%s %s %s" % (d, old, new), os.rename, d + "/" + old, d + "/" + new)
                    attempt("exchange", libc_call, "renameat2", -100, (d + "/y").encode(), -100, (d + "/mine").encode(), 2)
                as_user(65534, 65534, [], body)
                say(sorted(os.listdir(d)))
            """#
        ),
    ])
