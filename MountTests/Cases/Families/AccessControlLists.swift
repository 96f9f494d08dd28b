/// POSIX ACLs.
let accessControlListsFamily = Family(
    "AccessControlLists",
    [
        .shell(
            "access control lists",
            #"""
            echo x > f; mkdir d; setfacl -m u:12345:rw,g:23456:r f; setfacl -d -m u:12345:rwx d; getfacl -n f d; touch d/in; mkdir d/sub; getfacl -n d/in d/sub
            stat -c '%A' f; chmod 600 f; getfacl -cn f; setfacl -b f; getfacl -cn f; setfacl -k d; getfacl -cn d; setfacl -m u:65534:--- f; chmod o+r f
            setpriv --reuid 65534 --regid 65534 --clear-groups cat f; setfacl -m u:65534:r f; setpriv --reuid 65534 --regid 65534 --clear-groups cat f
            """#
        ),
        .python(
            "inheritance against umask and mode",
            #"""
            def acl(*entries): return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, perm, who & 0xffffffff) for tag, perm, who in entries)
            U, NU, G, NG, M, O = 1, 2, 4, 8, 16, 32
            def show(n):
                for key in ("system.posix_acl_access", "system.posix_acl_default"):
                    try: value = os.getxattr(n, key, follow_symlinks=False); say(n, key[-7:], [struct.unpack_from("<HHI", value, at) for at in range(4, len(value), 8)])
                    except OSError as e: say(n, key[-7:], error(e))
                say(n, oct(os.lstat(n).st_mode))
            for number, default in enumerate((acl((U, 7, -1), (NU, 7, 1001), (G, 5, -1), (M, 7, -1), (O, 0, -1)), acl((U, 7, -1), (G, 0, -1), (O, 0, -1)), acl((U, 6, -1), (NU, 7, 1), (G, 7, -1), (NG, 4, 9), (M, 1, -1), (O, 7, -1)))):
                for mask in (0o022, 0o077, 0):
                    d = "d%d-%o" % (number, mask); os.mkdir(d); os.setxattr(d, "system.posix_acl_default", default); os.umask(mask)
                    os.close(os.open(d + "/f", os.O_CREAT | os.O_WRONLY, 0o666)); os.close(os.open(d + "/x", os.O_CREAT | os.O_WRONLY, 0o777)); os.mkdir(d + "/d", 0o777); os.mkfifo(d + "/p", 0o666); os.symlink("x", d + "/s"); fd = os.open(d, os.O_TMPFILE | os.O_RDWR, 0o666); libc_call("linkat", fd, b"", -100, (d + "/t").encode(), 0x1000); os.umask(0o022)
                    for n in ("f", "x", "d", "p", "s", "t"): show(d + "/" + n)
            """#
        ),
        .python(
            "who gets in",
            #"""
            def acl(*entries): return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, perm, who & 0xffffffff) for tag, perm, who in entries)
            U, NU, G, NG, M, O = 1, 2, 4, 8, 16, 32
            os.chmod(".", 0o755); open("f", "w").write("secret"); os.setxattr("f", "system.posix_acl_access", acl((U, 6, -1), (NU, 4, 1001), (NU, 0, 1002), (G, 0, -1), (NG, 6, 3003), (M, 6, -1), (O, 0, -1)))
            os.mkdir("d"); os.setxattr("d", "system.posix_acl_access", acl((U, 7, -1), (NU, 7, 1001), (G, 5, -1), (NG, 7, 3003), (M, 7, -1), (O, 5, -1)))
            def body():
                attempt("read", lambda: open("f").read()); attempt("write", lambda: os.close(os.open("f", os.O_WRONLY))); say([os.access("f", m) for m in (4, 2, 1)]); n = "d/by%d-%d" % (os.geteuid(), len(os.getgroups())); attempt("make", lambda: os.close(os.open(n, os.O_CREAT | os.O_WRONLY))); attempt("mkdir", os.mkdir, n + "d"); attempt("tmpfile", lambda: os.close(os.open("d", os.O_TMPFILE | os.O_RDWR))); attempt("own", lambda: (os.stat(n).st_uid, os.stat(n).st_gid)); attempt("acl", os.setxattr, "f", "system.posix_acl_access", acl((U, 6, -1), (G, 0, -1), (O, 0, -1))); attempt("remove", os.unlink, n)
            for who in ((1001, 1, []), (1002, 1, []), (1005, 3003, []), (1005, 1, [3003]), (1005, 1, [5, 6, 3003, 7]), (1005, 0, []), (1005, 1, [])): say(who); as_user(*who, body)
            os.chmod("f", 0o640); as_user(1001, 1, [], lambda: attempt("after chmod", lambda: open("f").read())); os.chmod("f", 0o600); as_user(1001, 1, [], lambda: attempt("mask off", lambda: open("f").read()))
            """#
        ),
        .python(
            "set-group-id and malformed ones",
            #"""
            def acl(*entries): return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, perm, who & 0xffffffff) for tag, perm, who in entries)
            U, NU, G, NG, M, O = 1, 2, 4, 8, 16, 32
            os.chmod(".", 0o777); open("f", "w").close(); os.chown("f", 1001, 1002); good = acl((U, 7, -1), (NU, 7, 5), (G, 7, -1), (M, 7, -1), (O, 7, -1))
            for groups in ([], [1002]):
                os.chmod("f", 0o6777); as_user(1001, 1001, groups, lambda: attempt("set", os.setxattr, "f", "system.posix_acl_access", good)); say(oct(os.stat("f").st_mode))
            os.chmod("f", 0o2777); attempt("by root", os.setxattr, "f", "system.posix_acl_access", good); say(oct(os.stat("f").st_mode))
            for what, value in (("no mask", acl((U, 7, -1), (NU, 7, 5), (G, 7, -1), (O, 7, -1))), ("order", acl((G, 7, -1), (U, 7, -1), (O, 7, -1))), ("short", b"\2\0\0\0\1"), ("version", b"\3\0\0\0"), ("empty", b""), ("bits", acl((U, 9, -1), (G, 7, -1), (O, 7, -1)))): attempt(what, os.setxattr, "f", "system.posix_acl_access", value)
            attempt("default of a file", os.setxattr, "f", "system.posix_acl_default", good); os.symlink("f", "s"); attempt("of a link", os.setxattr, "s", "system.posix_acl_access", good, follow_symlinks=False); attempt("remove", os.removexattr, "f", "system.posix_acl_access"); attempt("again", os.removexattr, "f", "system.posix_acl_access"); say(oct(os.stat("f").st_mode), os.listxattr("f"))
            """#
        ),
    ])
