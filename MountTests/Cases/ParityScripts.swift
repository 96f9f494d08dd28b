/// Scripts for the parity cases; each says everything it learns, and nothing that differs from run to run.
let parityScripts: [(name: String, script: String)] = [
    (
        "rename",
        #"""
        echo one > a; echo two > b; mv a c; mv -f b c; cat c; mkdir d e; echo x > e/x
        perl -e 'for (["c","d"],["d","c"],["d","e"],["e","d"],["d","d/in"],["none","c"],["c","c"]) {
            printf "%s %s %s\n", @$_, rename($_->[0], $_->[1]) ? "done" : $!{ENOTDIR} ? "ENOTDIR" : "$!" }'
        ls -R
        """#
    ),
    (
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
    (
        "hard links",
        #"""
        echo one > a; ln a b; stat -c '%h %s' a b; echo more >> b; cat a; ln -s a s; ln -P s t; ln -L s u
        mkdir d; ln d e; ln a b; ln none z; stat -c '%n %h %F' *; rm a; cat b; stat -c %h b; [ b -ef u ] && echo same
        """#
    ),
    (
        "symbolic links",
        #"""
        mkdir d; echo x > d/f; ln -s d/f rel; ln -s "$(printf 'a%.0s' $(seq 4000))" long; readlink long | wc -c
        ln -s loop2 loop1; ln -s loop1 loop2; cat loop1; cat rel; ln -s none dangling; cat dangling; echo new > dangling; cat none
        stat -c '%n %F %s' *; rm rel; cat d/f; ln -s / up; [ -d up/proc ] && echo root
        """#
    ),
    (
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
    (
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
    (
        "truncate",
        #"""
        head -c 5000000 /dev/zero | tr '\0' a > f; truncate -s 3000001 f; stat -c %s f; truncate -s 6000000 f; tail -c 10 f | od -c | head -2
        truncate -s 0 f; stat -c %s f; perl -e 'truncate("f", -1) or print "$!\n"; mkdir "d"; truncate("d", 0) or print "$!\n"; truncate("none", 0) or print "$!\n"'
        python3 -c '
        import os
        fd = os.open("f", os.O_RDONLY)
        try: os.ftruncate(fd, 5)
        except OSError as e: print(e.strerror)
        fd = os.open("f", os.O_RDWR); os.write(fd, b"hello"); os.ftruncate(fd, 2); os.ftruncate(fd, 4); print(os.pread(fd, 10, 0), os.fstat(fd).st_size)
        '
        """#.replacingIndent
    ),
    // Without collapse and insert: the kernel's FUSE has no request for them (Linux 6.18 fs/fuse/file.c fuse_file_fallocate(), read).
    (
        "fallocate modes",
        #"""
        head -c 5242880 /dev/zero | tr '\0' b > f; cp f g
        fallocate -l 8M f; stat -c %s f; fallocate -n -o 8M -l 1M f; stat -c %s f; fallocate -p -o 1M -l 1M f; sha256sum f
        fallocate -z -o 4096 -l 10000 g; sha256sum g; fallocate -z -o 5M -l 1M g; stat -c %s g
        fallocate -l 1M /dev/fd/3 3< f; echo $?
        """#
    ),
    (
        "holes",
        #"""
        python3 - <<'END'
        import os, errno
        fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o644)
        os.ftruncate(fd, 16 << 20); os.pwrite(fd, b"x" * 65536, 4 << 20); os.pwrite(fd, b"y" * 65536, 12 << 20); os.fsync(fd)
        at = 0
        while True:
            try: data = os.lseek(fd, at, os.SEEK_DATA)
            except OSError as e: print(errno.errorcode[e.errno]); break
            at = os.lseek(fd, data, os.SEEK_HOLE); print(data, at)
        for where in (0, 5 << 20, 16 << 20, 17 << 20):
            try: print(where, os.lseek(fd, where, os.SEEK_HOLE))
            except OSError as e: print(where, errno.errorcode[e.errno])
        END
        cp --sparse=always f g; cmp f g && echo same; stat -c %s g
        """#
    ),
    (
        "files past 4 GiB",
        #"""
        printf end | dd of=f bs=1 seek=5G status=none; stat -c '%s' f; tail -c 3 f; echo; dd if=f bs=1M skip=4096 count=1 status=none | sha256sum
        truncate -s 100 f; truncate -s 17T f; echo $?; stat -c %s f; rm -f f
        """#
    ),
    (
        "copy_file_range",
        #"""
        seq 1 700000 > f; python3 - <<'END'
        import os, errno
        a = os.open("f", os.O_RDONLY); b = os.open("g", os.O_RDWR | os.O_CREAT, 0o600); size = os.fstat(a).st_size
        done = 0
        while done < size: done += os.copy_file_range(a, b, size - done)
        print(done); print(os.copy_file_range(a, b, 10000, 5000, 100)); print(os.copy_file_range(a, b, 10, size + 5, 0))
        same = os.open("f", os.O_RDWR)
        for args in ((same, same, 100, 0, 50), (a, a, 10, 0, 0), (b, same, 3000000, 0, size)):
            try: print(os.copy_file_range(*args))
            except OSError as e: print(errno.errorcode[e.errno])
        END
        cp --reflink=auto f h; sha256sum f g h
        """#
    ),
    (
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
    (
        "access control lists",
        #"""
        echo x > f; mkdir d; setfacl -m u:12345:rw,g:23456:r f; setfacl -d -m u:12345:rwx d; getfacl -n f d; touch d/in; mkdir d/sub; getfacl -n d/in d/sub
        stat -c '%A' f; chmod 600 f; getfacl -cn f; setfacl -b f; getfacl -cn f; setfacl -k d; getfacl -cn d; setfacl -m u:65534:--- f; chmod o+r f
        setpriv --reuid 65534 --regid 65534 --clear-groups cat f; setfacl -m u:65534:r f; setpriv --reuid 65534 --regid 65534 --clear-groups cat f
        """#
    ),
    (
        "flock between processes",
        #"""
        python3 - <<'END'
        import fcntl, os
        a = open("f", "w"); fcntl.flock(a, fcntl.LOCK_EX)
        def child(mode):
            if os.fork() == 0:
                b = open("f")
                try: fcntl.flock(b, mode | fcntl.LOCK_NB); print("got", flush=True)
                except OSError as e: print(e.strerror, flush=True)
                os._exit(0)
            os.wait()
        child(fcntl.LOCK_SH); child(fcntl.LOCK_EX); fcntl.flock(a, fcntl.LOCK_SH); child(fcntl.LOCK_SH); child(fcntl.LOCK_EX); fcntl.flock(a, fcntl.LOCK_UN); child(fcntl.LOCK_EX)
        END
        """#
    ),
    (
        "record locks between processes",
        #"""
        python3 - <<'END'
        import fcntl, os, struct, errno
        a = open("f", "w+"); a.write("x" * 100); a.flush(); fcntl.lockf(a, fcntl.LOCK_EX, 10, 20)
        def child(start, length, mode):
            if os.fork() == 0:
                b = open("f", "r+")
                try: fcntl.lockf(b, mode | fcntl.LOCK_NB, length, start); print(start, length, "got", flush=True)
                except OSError as e: print(start, length, errno.errorcode[e.errno], flush=True)
                q = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, start, length, 0)
                k = struct.unpack("hhqqi4x", fcntl.fcntl(b, fcntl.F_GETLK, q)); print(k[:4], k[4] == os.getppid(), flush=True)
                os._exit(0)
            os.wait()
        child(0, 5, fcntl.LOCK_EX); child(25, 1, fcntl.LOCK_EX); child(25, 1, fcntl.LOCK_SH); child(30, 5, fcntl.LOCK_EX); fcntl.lockf(a, fcntl.LOCK_UN, 5, 20); child(20, 5, fcntl.LOCK_EX); child(20, 10, fcntl.LOCK_SH)
        END
        """#
    ),
    (
        "a lock that waits",
        #"""
        touch f; ( flock 9; echo first; sleep 0.3; echo first done ) 9< f & sleep 0.1; ( flock 9; echo second ) 9< f; wait
        ( flock -w 0.2 9; flock -n -x 8; echo $? ) 9< f 8< f
        """#
    ),
    (
        "FIFO",
        #"""
        mkfifo -m 640 p; stat -c '%F %A' p; (echo through > p) & cat p; wait; mv p q; (cat q > got) & echo again > q; wait; cat got; ln q r; stat -c %h r; rm q
        """#
    ),
    (
        "special files",
        #"""
        mknod c c 1 3; mknod b b 7 100; mknod c c 1 3; stat -c '%n %F %t %T %A' b c; chmod 600 c; rm b; ls -l c | cut -c1-10
        """#
    ),
    (
        "sockets",
        #"""
        python3 - <<'END'
        import os, socket, stat
        s = socket.socket(socket.AF_UNIX); s.bind("sock"); s.listen(); print(stat.S_ISSOCK(os.lstat("sock").st_mode), oct(os.lstat("sock").st_mode))
        if os.fork() == 0:
            c = socket.socket(socket.AF_UNIX); c.connect("sock"); c.sendall(b"hello"); os._exit(0)
        print(s.accept()[0].recv(10)); os.wait(); os.rename("sock", "moved")
        try: socket.socket(socket.AF_UNIX).bind("moved")
        except OSError as e: print(e.strerror)
        END
        """#
    ),
    // libfuse 3.14 has no operation for it: EOPNOTSUPP, upon which programs do this (open(2), O_TMPFILE).
    (
        "O_TMPFILE or what programs do without it",
        #"""
        python3 - <<'END'
        import ctypes, errno, os, tempfile
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            fd = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600); os.write(fd, b"hidden " * 1000)
            libc.linkat(-100, b"/proc/self/fd/%d" % fd, -100, b"shown", 0x400)
        except OSError as e:
            if e.errno != errno.EOPNOTSUPP: print(errno.errorcode[e.errno])
            fd, name = tempfile.mkstemp(dir="."); os.write(fd, b"hidden " * 1000); os.link(name, "shown"); os.unlink(name)
        os.write(fd, b"more"); print(os.stat("shown").st_size, os.fstat(fd).st_nlink, os.listdir("."))
        f = tempfile.TemporaryFile(dir="."); f.write(b"x" * 100); f.flush(); print(os.fstat(f.fileno()).st_nlink, os.listdir("."))
        END
        """#
    ),
    (
        "sparse files",
        #"""
        truncate -s 64M f; [ "$(stat -c %b f)" -lt 64 ] && echo thin; printf x | dd of=f bs=1 seek=33M conv=notrunc status=none; [ "$(stat -c %b f)" -lt 2048 ] && echo thin
        sha256sum f; cp --sparse=always f g; cmp f g && echo same; tar cSf t.tar f; mkdir x; tar xf t.tar -C x; cmp f x/f && echo same; rm t.tar
        """#
    ),
    (
        "names of every length",
        #"""
        for n in 1 100 254 255 256; do name=$(head -c $n /dev/zero | tr '\0' n); echo $n > "$name" && cat "$name"; done 2>&1 | sed 's/nnnn*/N/g'
        mkdir "$(head -c 255 /dev/zero | tr '\0' d)"; ls | awk '{print length($0)}'
        """#
    ),
    (
        "names of every byte",
        #"""
        perl -e 'for (1..255) { next if $_ == 47; my $n = "x" . chr($_); open(my $f, ">", $n) or print "$_ $!\n"; print $f $_ } opendir(D, "."); my @n = sort grep { /^x/ } readdir D; print scalar(@n), "\n";
        for (@n) { open(my $f, "<", $_) or print "lost\n"; print ord(substr($_, 1)) == <$f> ? "" : "wrong\n" }'
        touch -- '-rf' ' ' '*' 'a b' $'new\nline' $'\xff\xfe' $'\xc3\x28'; ls -b; rm -- '-rf' ' ' $'\xff\xfe'; ls -b | wc -l
        """#
    ),
    (
        "permission denied",
        #"""
        other="setpriv --reuid 65534 --regid 65534 --clear-groups"; chmod 755 .; echo secret > f; chmod 600 f; mkdir -m 700 d; echo x > d/x; mkdir -m 711 e; echo y > e/y; mkdir -m 1777 t; echo mine > t/mine
        $other cat f; $other sh -c 'echo a > f'; $other ls d; $other cat d/x; $other ls e; $other cat e/y; $other touch new; $other chmod 777 f; $other rm f; $other rm t/mine; $other mv t/mine t/z; $other touch t/theirs; $other rm t/theirs
        $other ln f t/l; $other mkdir t/d; stat -c '%u %g %A' t/d; $other setfattr -n user.x -v y f; $other truncate -s 0 f; $other chown 65534 f; $other python3 -c 'import os; print([os.access(p, m) for p in ("f", "d", "e", "t") for m in (4, 2, 1)])'
        """#
    ),
    (
        "owner of what is created",
        #"""
        mkdir -m 777 d; cd d; other="setpriv --reuid 12345 --regid 23456 --groups 34567"; $other touch f; $other mkdir s; $other ln -s f l; $other mkfifo p; $other ln f h; $other sh -c 'echo data > g; chgrp 34567 g; chgrp 99 g; chown 0 g'
        stat -c '%n %u %g %A' *; chown 0:34567 .; chmod g+s .; $other touch inherits; $other mkdir sub; stat -c '%n %u %g %A' inherits sub
        """#
    ),
    (
        "umask",
        #"""
        for mask in 000 022 027 077 777; do umask $mask; touch f$mask; mkdir d$mask; mkfifo p$mask; done; stat -c '%n %a' *; umask 022; python3 -c 'import os; os.umask(0o27); os.close(os.open("o", os.O_CREAT|os.O_WRONLY, 0o6777)); os.mkdir("m", 0o1777)'; stat -c '%n %a' o m
        """#
    ),
    // Without setgid on what its group cannot execute: FUSE lets that stay (FUSE_HANDLE_KILLPRIV_V2, include/uapi/linux/fuse.h).
    (
        "setuid and setgid bits",
        #"""
        mkdir -m 2775 d; chgrp 23456 d; touch d/f; mkdir d/s; stat -c '%g %a' d/f d/s; cp /bin/true t; chmod 6755 t; stat -c %a t; chown 1:1 t; stat -c %a t; chmod 6777 t
        setpriv --reuid 65534 --regid 65534 --clear-groups sh -c 'echo x >> t'; stat -c %a t; chmod 6777 t; echo y >> t; stat -c %a t
        """#
    ),
    (
        "chmod and chown",
        #"""
        echo x > f; ln -s f s; for m in 000 4755 2755 1755 644; do chmod $m f; stat -c %a f; done; chown 1000:2000 f; chown -h 3:4 s; chgrp 5 s; stat -c '%n %u %g' f s; chown none f; chmod 600 none; chmod 640 s; stat -c %a f
        setpriv --reuid 1000 --regid 2000 --clear-groups chmod 4711 f; stat -c %a f; setpriv --reuid 1000 --regid 2000 --clear-groups chgrp 7 f; stat -c %g f
        """#
    ),
    (
        "unlinked open file",
        #"""
        python3 - <<'END'
        import os
        fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o644); os.write(fd, b"a" * 3000000); os.unlink("f")
        print(os.listdir("."), os.fstat(fd).st_nlink, os.fstat(fd).st_size, os.pread(fd, 3, 2999998)); os.pwrite(fd, b"zz", 0); os.ftruncate(fd, 4096); os.fchmod(fd, 0o600); os.posix_fallocate(fd, 0, 10000)
        print(oct(os.fstat(fd).st_mode), os.fstat(fd).st_size, os.pread(fd, 3, 0)); os.utime(fd, (1, 2)); print(os.fstat(fd).st_mtime); os.setxattr(fd, "user.x", b"y"); print(os.getxattr(fd, "user.x")); os.fsync(fd)
        g = os.open("f", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644); os.write(g, b"new"); print(os.pread(fd, 3, 0), os.pread(g, 3, 0)); os.mkdir("d"); d = os.open("d", os.O_RDONLY); os.rmdir("d"); print(os.listdir(d), os.fstat(d).st_nlink)
        END
        """#
    ),
    (
        "rename of what is open",
        #"""
        python3 - <<'END'
        import os
        os.makedirs("d/e"); fd = os.open("d/e/f", os.O_RDWR | os.O_CREAT, 0o644); os.write(fd, b"one"); os.rename("d", "moved"); os.write(fd, b"two"); print(open("moved/e/f").read()); os.chdir("moved/e"); os.rename("../../moved", "../../again") ; open("g", "w").write("here"); os.chdir("../..")
        print(sorted(os.listdir("again/e")), open("again/e/g").read()); h = os.open("again/e/h", os.O_WRONLY | os.O_CREAT, 0o644); os.rename("again/e/f", "again/e/h"); os.write(h, b"lost"); print(open("again/e/h").read(), os.fstat(h).st_nlink)
        END
        """#
    ),
    (
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
    (
        "a directory read while it is emptied",
        #"""
        seq 1 2500 | xargs touch; ls | wc -l; perl -e 'opendir(D, "."); my $n = 0; while (my $e = readdir D) { next if $e =~ /^\./; unlink $e and $n++ } print "$n\n"; rewinddir D; my @left = grep { !/^\./ } readdir D; print scalar(@left), "\n"'
        mkdir -p a/b/c; touch a/b/c/{1..50}; rm -r a; ls -A
        """#
    ),
    (
        "directory positions",
        #"""
        for i in $(seq 1000); do echo > "name-with-some-length-$i"; done
        perl -e 'opendir(D, "."); my @all; my @where; while (1) { push @where, telldir D; my $e = readdir D; last unless defined $e; push @all, $e } print scalar(@all), "\n";
        my $bad = 0; for my $i (5, 17, 400, 900, 999) { seekdir(D, $where[$i]); my $e = readdir D; $bad++ if $e ne $all[$i] } print "bad $bad\n"; my %s; $s{$_}++ for @all; print scalar(keys %s), "\n"; rewinddir D; my @again = readdir D; print scalar(@again), "\n"'
        ls -U | head -3 | wc -l; find . -type f | wc -l; rm -f name*; ls | wc -l
        """#
    ),
    (
        "statfs",
        #"""
        stat -f -c '%s %S %l' .; echo x > f; stat -f -c '%s %S %l' f; df --output=size . | tail -1; [ "$(df --output=avail . | tail -1)" -gt 1 ] && echo room
        """#
    ),
    (
        "deep paths",
        #"""
        p=.; for i in $(seq 200); do p=$p/directory$i; done; mkdir -p $p && echo deep > $p/f; cat $p/f; find . -type d | wc -l; (cd $p && echo more >> f && pwd -P | grep -c directory200); mv directory1 other; find other -name f -exec cat {} +
        perl -e 'for (1..30) { mkdir "n" x 200; chdir "n" x 200 or die } open F, ">", "end" or print "$!\n"; print F "bottom"; close F; open F, "end"; print <F>, "\n"'; rm -r nnn*; ls
        """#
    ),
    (
        "shared mapping",
        #"""
        head -c 5000000 /dev/zero | tr '\0' c > f
        python3 - <<'END'
        import mmap, os
        fd = os.open("f", os.O_RDWR); m = mmap.mmap(fd, 0); m[0:5] = b"hello"; m[4999995:5000000] = b"world"; m.flush(); print(os.pread(fd, 5, 0), os.pread(fd, 5, 4999995), open("f", "rb").read(6))
        os.pwrite(fd, b"through", 2500000); print(m[2500000:2500007]); other = mmap.mmap(os.open("f", os.O_RDONLY), 0, prot=mmap.PROT_READ); print(other[0:5], other[2500000:2500007]); m[100:103] = b"xyz"; print(other[100:103]); other.close(); m.close()
        p = mmap.mmap(fd, 4096, flags=mmap.MAP_PRIVATE); p[0:3] = b"NOT"; print(os.pread(fd, 3, 0))
        END
        sha256sum f
        """#
    ),
    (
        "mapping and truncation",
        #"""
        python3 - <<'END'
        import mmap, os, signal
        fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o644); os.write(fd, b"q" * 3000000); m = mmap.mmap(fd, 3000000); os.ftruncate(fd, 1000)
        pid = os.fork()
        if pid == 0:
            m[2000000]; os._exit(0)
        print(os.waitpid(pid, 0)[1] == signal.SIGBUS); print(m[999], m[1500]); os.ftruncate(fd, 3000000); print(m[999], m[2000000]); m[2000000:2000003] = b"abc"; m.flush(); print(os.pread(fd, 3, 2000000))
        END
        """#
    ),
    (
        "reads and writes of every shape",
        #"""
        python3 - <<'END'
        import os, hashlib, random
        random.seed(7); fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o644); model = bytearray()
        for i in range(400):
            at, data = random.randrange(0, 5000000), bytes([i % 256]) * random.choice((1, 100, 4096, 65537, 300000))
            if i % 10 == 9: at = min(at, len(model)); os.ftruncate(fd, at); del model[at:]
            if len(model) < at: model.extend(bytes(at - len(model)))
            model[at:at + len(data)] = data
            os.pwritev(fd, [data[:7], data[7:]], at)
            r, n = random.randrange(0, 6000000), random.randrange(0, 200000)
            assert os.pread(fd, n, r) == bytes(model[r:r + n]), i
        print(os.fstat(fd).st_size == len(model), hashlib.sha256(open("f", "rb").read()).digest() == hashlib.sha256(model).digest()); b = [bytearray(10), bytearray(20)]; print(os.preadv(fd, b, 100), os.read(fd, 0), os.pread(fd, 10, 99999999))
        END
        for bs in 1000 4097 1M; do dd if=f bs=$bs status=none | sha256sum; done
        """#
    ),
    (
        "direct I/O",
        #"""
        head -c 4M /dev/zero | tr '\0' d > f; dd if=f of=g bs=64k iflag=direct oflag=direct status=none; echo $?; cmp f g && echo same; dd if=g bs=4096 skip=3 count=2 iflag=direct status=none | sha256sum; printf x | dd of=g bs=1 seek=5 conv=notrunc status=none; dd if=g bs=4096 count=1 iflag=direct status=none | head -c 8; echo
        """#
    ),
    (
        "splice and sendfile",
        #"""
        seq 1 400000 > f; python3 - <<'END'
        import os
        a = os.open("f", os.O_RDONLY); b = os.open("g", os.O_RDWR | os.O_CREAT, 0o644); r, w = os.pipe(); size = os.fstat(a).st_size; done = 0
        while done < size: done += os.sendfile(b, a, done, size - done)
        c = os.open("h", os.O_WRONLY | os.O_CREAT, 0o644); total = 0
        while True:
            n = os.splice(a, w, 65536)
            if n == 0: break
            while n: k = os.splice(r, c, n); n -= k; total += k
        print(done, total)
        END
        sha256sum f g h
        """#
    ),
    (
        "running programs",
        #"""
        cp /bin/echo prog; ./prog from here; chmod -x prog; ./prog no; printf '#!/bin/sh\necho script $1\n' > s; chmod +x s; ./s arg; chmod 111 s; setpriv --reuid 65534 --clear-groups ./s x; cp /bin/sleep z; ./z 30 & sleep 0.2; echo x >> z; echo $?; cp /bin/true y; mv y z; kill $!; wait $! 2>/dev/null; ./z && echo replaced
        printf '#!./none\n' > t; chmod +x t; ./t; printf junk > j; chmod +x j; perl -e 'exec { "./j" } "j" or print "$!\n"'
        """#
    ),
    (
        "make and remove directories",
        #"""
        mkdir a a/b; mkdir a; rmdir a; rmdir a/b a; echo x > f; rmdir f; mkdir f; mkdir f/x; rm -d f; unlink none; mkdir -p p/q/r; perl -e 'unlink("p") or print "$!\n"; rmdir("p/.") or print "$!\n"; rmdir("p/q/r/..") or print "$!\n"; mkdir("p/..") or print "$!\n"'
        stat -c '%n %h' p p/q p/q/r; mkdir p/z; stat -c %h p; rmdir p/z; stat -c %h p
        """#
    ),
    (
        "fsync of everything",
        #"""
        python3 - <<'END'
        import os
        fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o644); os.write(fd, b"x" * 100000); os.fsync(fd); os.fdatasync(fd); d = os.open(".", os.O_RDONLY); os.fsync(d); os.sync_file_range = None; s = os.open("s", os.O_WRONLY | os.O_CREAT | os.O_SYNC, 0o644); os.write(s, b"y" * 5000); ds = os.open("s", os.O_WRONLY | os.O_DSYNC); os.write(ds, b"z"); r = os.open("f", os.O_RDONLY); os.fsync(r); print("done")
        END
        sync -f f; sync -d f s; echo $?
        """#
    ),
    (
        "copy of a tree with everything",
        #"""
        mkdir -p t/a/b; echo one > t/a/f; ln t/a/f t/a/b/g; ln -s ../f t/a/b/s; mkfifo t/p; setfattr -n user.k -v v t/a; chmod 2751 t/a; chown 7:8 t/a/f; touch -d '2003-03-03 UTC' t/a/f; truncate -s 3M t/hole
        cp -a t u; diff -r --no-dereference t u 2>&1 | grep -v fifo; (cd u; TZ=UTC find . -type f -printf '%p %m %u %g %n %s %TY-%Tm-%Td\n' | sed 's/hole.*/hole/' | sort); getfattr --only-values -n user.k u/a; echo; tar --xattrs --acls -cf - t | (mkdir v; tar --xattrs --acls -xpf - -C v); getfattr --only-values -n user.k v/t/a; echo; stat -c '%a %h' v/t/a v/t/a/f
        rm u/hole v/t/hole
        """#
    ),
    (
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
    (
        "inode flags",
        #"""
        echo x > f; mkdir d; chattr +i f; lsattr f | cut -c1-20; echo y >> f; rm f; chattr -i f; chattr +a f; echo y >> f; echo z > f; chattr -a f; cat f; chattr +d f; lsattr -d d f | cut -c1-20
        """#
    ),
    (
        "editor's way of saving",
        #"""
        for i in 1 2 3 4 5; do echo "version $i" > .f.tmp; sync .f.tmp; mv .f.tmp f; cat f; done; cp f 'f~'; perl -pi -e 's/5/six/' f; cat f 'f~'; sed -i s/six/seven/ f; cat f; ls -A
        """#
    ),
    (
        "replaced while it is read",
        #"""
        python3 - <<'END'
        import os
        open("f", "wb").write(b"old" * 1000000); fd = os.open("f", os.O_RDONLY); open("n", "wb").write(b"new" * 1000000); os.rename("n", "f"); print(os.pread(fd, 3, 0), open("f", "rb").read(3), os.fstat(fd).st_nlink); os.unlink("f"); print(os.pread(fd, 3, 2999997))
        a = open("g", "wb"); a.write(b"x" * 2500000); a.flush(); b = open("g", "rb"); print(len(b.read())); a.write(b"y" * 10); a.flush(); print(b.read()); a.truncate(5); print(b.read(), os.fstat(b.fileno()).st_size)
        END
        """#
    ),
    (
        "many files at once",
        #"""
        for p in 1 2 3 4; do (mkdir w$p; for i in $(seq 150); do echo $i > w$p/$i; mv w$p/$i w$p/m$i; [ $((i % 3)) = 0 ] && rm w$p/m$i; done) & done; wait; for p in 1 2 3 4; do ls w$p | wc -l; cat w$p/* | sha256sum; done
        python3 -c '
        import os
        fds = [os.open("h%d" % i, os.O_RDWR | os.O_CREAT, 0o644) for i in range(300)]
        for i, fd in enumerate(fds): os.write(fd, b"%d" % i)
        print(sum(int(os.pread(fd, 9, 0)) for fd in fds))
        '
        """#.replacingIndent
    ),
]

extension String {
    /// Python inside single quotes starts at the line's beginning, where the table is indented.
    fileprivate var replacingIndent: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.drop { $0 == " " })
        }.joined(separator: "\n")
    }
}
