/// setxattr(2) and its kin.
let extendedAttributesFamily = Family(
    "ExtendedAttributes",
    [
        .shell(
            "extended attributes",
            #"""
            echo x > f; mkdir d; ln -s f s; setfattr -n user.a -v one f; setfattr -n user.b -v "" f; setfattr -n user.d -v two d; setfattr -n trusted.t -v root f
            setfattr -h -n trusted.s -v link s; setfattr -h -n user.s -v no s; getfattr -d -m - f d; getfattr -h -d -m - s; getfattr -n user.none f; setfattr -x user.a f; setfattr -x user.a f; getfattr -d f
            setfattr -n nonsense -v x f; setfattr -n user.big -v "$(head -c 3000 /dev/zero | tr '\0' z)" f; getfattr --only-values -n user.big f | wc -c
            python3 - <<'END'
            import os, errno
            def attempt(*args):
                try: os.setxattr(*args); print("done")
                except OSError as e: print(errno.errorcode[e.errno])
            attempt("f", "user.b", b"again", os.XATTR_CREATE); attempt("f", "user.c", b"x", os.XATTR_REPLACE); attempt("f", "user.c", b"\0\xff", os.XATTR_CREATE)
            attempt("f", "user." + "n" * 250, b"x"); attempt("f", "user." + "n" * 251, b"x"); attempt("f", "user.huge", b"x" * 70000)
            print(sorted(os.listxattr("f"))[:4], os.getxattr("f", "user.c"))
            END
            """#
        ),
        .python(
            "namespaces, kinds of file and users",
            #"""
            os.chmod(".", 0o777); open("f", "w").close(); os.mkdir("d"); os.symlink("f", "s"); os.mkfifo("p"); os.mknod("c", stat.S_IFCHR | 0o600, os.makedev(1, 3))
            def everything():
                for n in ("f", "d", "s", "p", "c"):
                    for key in ("user.k", "trusted.k", "security.k", "system.k", "nonsense.k", "user.", "k"):
                        attempt("set %s %s" % (n, key), os.setxattr, n, key, b"v", follow_symlinks=False); attempt("get", os.getxattr, n, key, follow_symlinks=False)
                    attempt("list", lambda: sorted(os.listxattr(n, follow_symlinks=False)))
            everything()
            for n in ("f", "d"): os.chmod(n, 0o666 if n == "f" else 0o1777)
            as_user(65534, 65534, [], everything)
            for n in ("f", "d", "s"):
                for key in ("user.k", "trusted.k", "security.k", "user.none"): attempt("remove %s %s" % (n, key), os.removexattr, n, key, follow_symlinks=False)
            """#
        ),
        .python(
            "sizes, flags and buffers",
            #"""
            open("f", "w").close()
            for size in (0, 1, 100, 1000, 3000, 65536, 65537): attempt("%d" % size, os.setxattr, "f", "user.v", b"v" * size); attempt("read", lambda: len(os.getxattr("f", "user.v")))
            for size in (1, 250, 251, 300): attempt("name %d" % size, os.setxattr, "f", "user." + "n" * size, b"")
            attempt("create", os.setxattr, "f", "user.v", b"x", 1); attempt("replace none", os.setxattr, "f", "user.w", b"x", 2); attempt("both", os.setxattr, "f", "user.v", b"x", 3); attempt("flags", os.setxattr, "f", "user.v", b"x", 8)
            os.setxattr("f", "user.v", b"12345"); buffer = ctypes.create_string_buffer(100)
            for room in (0, 4, 5, 100): attempt("get %d" % room, libc_call, "getxattr", b"f", b"user.v", buffer, ctypes.c_size_t(room)); attempt("list %d" % room, libc_call, "listxattr", b"f", buffer, ctypes.c_size_t(room))
            fd = os.open("f", os.O_RDONLY); attempt("fd", os.setxattr, fd, "user.fd", b"1"); attempt("get fd", os.getxattr, fd, "user.fd"); attempt("path", os.getxattr, os.open("f", os.O_PATH), "user.fd"); os.unlink("f"); attempt("unlinked", os.setxattr, fd, "user.late", b"2"); attempt("get late", os.getxattr, fd, "user.late"); say(sorted(os.listxattr(fd))[:2])
            """#
        ),
        .python(
            "many of them",
            #"""
            open("f", "w").close()
            for i in range(60): os.setxattr("f", "user.key%02d" % i, b"%d" % i)
            say(len(os.listxattr("f")), sum(int(os.getxattr("f", "user.key%02d" % i)) for i in range(60)))
            for i in range(0, 60, 2): os.removexattr("f", "user.key%02d" % i)
            say(sorted(os.listxattr("f"))[:3], len(os.listxattr("f"))); os.link("f", "g"); say(os.getxattr("g", "user.key01")); os.rename("g", "h"); say(os.getxattr("h", "user.key59"))
            """#
        ),
    ])
