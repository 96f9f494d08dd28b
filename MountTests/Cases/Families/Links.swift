/// link(2), linkat(2), symlink(2), readlink(2).
let linksFamily = Family(
    "Links",
    [
        .shell(
            "hard links",
            #"""
            echo one > a; ln a b; stat -c '%h %s' a b; echo more >> b; cat a; ln -s a s; ln -P s t; ln -L s u
            mkdir d; ln d e; ln a b; ln none z; stat -c '%n %h %F' *; rm a; cat b; stat -c %h b; [ b -ef u ] && echo same
            """#
        ),
        .shell(
            "symbolic links",
            #"""
            mkdir d; echo x > d/f; ln -s d/f rel; ln -s "$(printf 'a%.0s' $(seq 4000))" long; readlink long | wc -c
            ln -s loop2 loop1; ln -s loop1 loop2; cat loop1; cat rel; ln -s none dangling; cat dangling; echo new > dangling; cat none
            stat -c '%n %F %s' *; rm rel; cat d/f; ln -s / up; [ -d up/proc ] && echo root
            """#
        ),
        .python(
            "what can be linked, and how",
            #"""
            open("f", "w").write("x"); os.mkdir("d"); os.symlink("f", "s"); os.mkfifo("p"); os.mknod("c", stat.S_IFCHR | 0o600, os.makedev(1, 3))
            for old in ("f", "d", "s", "p", "c", "none"):
                for follow in (True, False): attempt("%s %s" % (old, follow), os.link, old, "l-%s-%s" % (old, follow), follow_symlinks=follow)
            fd = os.open("f", os.O_PATH); attempt("empty path", libc_call, "linkat", fd, b"", -100, b"e", 0x1000); attempt("proc", libc_call, "linkat", -100, b"/proc/self/fd/%d" % fd, -100, b"q", 0x400)
            attempt("exists", os.link, "f", "e"); attempt("dots", os.link, "f", "d/.."); attempt("long", os.link, "f", "n" * 256)
            for n in sorted(os.listdir(".")): t = os.lstat(n); say(n, oct(t.st_mode), t.st_nlink if n != "d" else 0)
            os.unlink("f"); say(os.fstat(fd).st_nlink); attempt("after", libc_call, "linkat", fd, b"", -100, b"again", 0x1000); say(os.stat("again").st_nlink)
            for n in ("e", "q", "again", "l-f-True", "l-f-False", "l-s-True"): os.unlink(n)
            attempt("gone", libc_call, "linkat", fd, b"", -100, b"never", 0x1000)
            """#
        ),
        .python(
            "links as another user",
            #"""
            os.chmod(".", 0o777); open("mine", "w").close(); os.chmod("mine", 0o666); open("secret", "w").close(); os.chmod("secret", 0o600); open("suid", "w").close(); os.chmod("suid", 0o4755)
            def body():
                for n in ("mine", "secret", "suid"): attempt(n, os.link, n, n + "-linked")
                open("own", "w").close(); attempt("own", os.link, "own", "own-linked"); os.symlink("x", "sym"); say(os.lstat("sym").st_uid)
            as_user(65534, 65534, [], body)
            """#
        ),
        .python(
            "targets of symbolic links",
            #"""
            for size in (1, 59, 60, 255, 1000, 4000, 4094, 4095, 4096): attempt("%d" % size, os.symlink, "t" * size, "l%d" % size)
            attempt("empty", os.symlink, "", "e"); attempt("exists", os.symlink, "x", "l1"); os.symlink(b"\xff\xfe\n", b"bytes"); say(os.readlink(b"bytes"))
            for n in sorted(os.listdir(".")): say(n, os.lstat(n).st_size, len(os.readlink(n)))
            buffer = ctypes.create_string_buffer(10); say(libc.readlink(b"l255", buffer, 5), buffer.value[:5]); attempt("no link", os.readlink, ".")
            os.symlink("changed", "new"); os.rename("new", "l1"); say(os.readlink("l1"))
            """#
        ),
    ])
