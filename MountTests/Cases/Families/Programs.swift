/// execve(2), and what programs do.
let programsFamily = Family(
    "Programs",
    [
        .shell(
            "running programs",
            #"""
            cp /bin/echo prog; ./prog from here; chmod -x prog; ./prog no; printf '#!/bin/sh\necho script $1\n' > s; chmod +x s; ./s arg; chmod 111 s; setpriv --reuid 65534 --clear-groups ./s x; cp /bin/sleep z; ./z 30 & sleep 0.2; echo x >> z; echo $?; cp /bin/true y; mv y z; kill $!; wait $! 2>/dev/null; ./z && echo replaced
            printf '#!./none\n' > t; chmod +x t; ./t; printf junk > j; chmod +x j; perl -e 'exec { "./j" } "j" or print "$!\n"'
            """#
        ),
        .shell(
            "editor's way of saving",
            #"""
            for i in 1 2 3 4 5; do echo "version $i" > .f.tmp; sync .f.tmp; mv .f.tmp f; cat f; done; cp f 'f~'; perl -pi -e 's/5/six/' f; cat f 'f~'; sed -i s/six/seven/ f; cat f; ls -A
            """#
        ),
        .shell(
            "copy of a tree with everything",
            #"""
            mkdir -p t/a/b; echo one > t/a/f; ln t/a/f t/a/b/g; ln -s ../f t/a/b/s; mkfifo t/p; setfattr -n user.k -v v t/a; chmod 2751 t/a; chown 7:8 t/a/f; touch -d '2003-03-03 UTC' t/a/f; truncate -s 3M t/hole
            cp -a t u; diff -r --no-dereference t u 2>&1 | grep -v fifo; (cd u; TZ=UTC find . -type f -printf '%p %m %u %g %n %s %TY-%Tm-%Td\n' | sed 's/hole.*/hole/' | sort); getfattr --only-values -n user.k u/a; echo; tar --xattrs --acls -cf - t | (mkdir v; tar --xattrs --acls -xpf - -C v); getfattr --only-values -n user.k v/t/a; echo; stat -c '%a %h' v/t/a v/t/a/f
            rm u/hole v/t/hole
            """#
        ),
        .shell(
            "many files at once",
            #"""
            for p in 1 2 3 4; do (mkdir w$p; for i in $(seq 150); do echo $i > w$p/$i; mv w$p/$i w$p/m$i; [ $((i % 3)) = 0 ] && rm w$p/m$i; done) & done; wait; for p in 1 2 3 4; do ls w$p | wc -l; cat w$p/* | sha256sum; done
            python3 -c '
            import os
            fds = [os.open("h%d" % i, os.O_RDWR | os.O_CREAT, 0o644) for i in range(300)]
            for i, fd in enumerate(fds): os.write(fd, b"%d" % i)
            print(sum(int(os.pread(fd, 9, 0)) for fd in fds))
            '
            """#
        ),
        .shell(
            "notification of changes",
            #"""
            python3 - <<'END'
            import ctypes, os, struct, select
            libc = ctypes.CDLL(None); n = libc.inotify_init1(os.O_NONBLOCK); libc.inotify_add_watch(n, b".", 0x100 | 0x200 | 0x2 | 0x40 | 0x80 | 0x4)
            open("f", "w").write("x"); os.chmod("f", 0o600); os.rename("f", "g"); os.unlink("g"); select.select([n], [], [], 1); b = os.read(n, 65536); at = 0
            while at < len(b):
                _, mask, _, length = struct.unpack_from("iIII", b, at); print(hex(mask), b[at + 16:at + 16 + length].rstrip(b"\0").decode()); at += 16 + length
            END
            """#
        ),
    ])
