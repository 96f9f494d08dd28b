/// FIFOs, sockets, devices.
let specialFilesFamily = Family(
    "SpecialFiles",
    [
        .shell(
            "FIFO",
            #"""
            mkfifo -m 640 p; stat -c '%F %A' p; (echo through > p) & cat p; wait; mv p q; (cat q > got) & echo again > q; wait; cat got; ln q r; stat -c %h r; rm q
            """#
        ),
        .shell(
            "special files",
            #"""
            mknod c c 1 3; mknod b b 7 100; mknod c c 1 3; stat -c '%n %F %t %T %A' b c; chmod 600 c; rm b; ls -l c | cut -c1-10
            """#
        ),
        .shell(
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
        .python(
            "kinds, numbers and users",
            #"""
            os.umask(0); os.chmod(".", 0o777)
            for kind, device in ((stat.S_IFREG, 0), (stat.S_IFIFO, 0), (stat.S_IFSOCK, 0), (stat.S_IFCHR, os.makedev(1, 3)), (stat.S_IFCHR, 0), (stat.S_IFBLK, os.makedev(259, 70000)), (stat.S_IFCHR, os.makedev(4095, 1048575)), (stat.S_IFDIR, 0), (stat.S_IFLNK, 0), (0, 0)):
                for who in (0, 65534):
                    n = "%o-%d-%d" % (kind, device, who)
                    def body(): attempt(n, os.mknod, n, kind | 0o640, device)
                    if who: as_user(who, who, [], body)
                    else: body()
                    if os.path.lexists(n): s = os.lstat(n); say(oct(s.st_mode), s.st_uid, os.major(s.st_rdev), os.minor(s.st_rdev), s.st_size, s.st_nlink)
            attempt("exists", os.mknod, "%o-0-0" % stat.S_IFIFO, stat.S_IFIFO)
            """#
        ),
        .python(
            "FIFOs opened every way",
            #"""
            os.mkfifo("p", 0o666); attempt("writer alone", os.open, "p", os.O_WRONLY | os.O_NONBLOCK); r = os.open("p", os.O_RDONLY | os.O_NONBLOCK); w = os.open("p", os.O_WRONLY | os.O_NONBLOCK); attempt("empty", os.read, r, 5); os.write(w, b"through"); say(os.read(r, 99)); s = os.stat("p"); say(s.st_size, stat.S_ISFIFO(s.st_mode)); os.close(w); say(os.read(r, 5)); attempt("seek", os.lseek, r, 0, 0); both = os.open("p", os.O_RDWR); os.write(both, b"self"); say(os.read(both, 9)); os.rename("p", "q"); os.write(both, b"x"); say(os.read(r, 5)); os.unlink("q"); os.write(both, b"y"); say(os.read(r, 5))
            s = socket.socket(socket.AF_UNIX); s.bind("sock"); attempt("open", os.open, "sock", os.O_RDWR); os.chmod("sock", 0o600); os.chmod(".", 0o755); as_user(65534, 65534, [], lambda: attempt("connect", socket.socket(socket.AF_UNIX).connect, "sock")); attempt("nobody listens", socket.socket(socket.AF_UNIX).connect, "sock"); g = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); g.bind("gram"); h = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); h.sendto(b"hi", "gram"); say(g.recv(9)); os.link("gram", "gram2"); h.sendto(b"ho", "gram2"); say(g.recv(9))
            """#
        ),
    ])
