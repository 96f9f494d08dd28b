/// fcntl(2) locks: of processes (POSIX) and of open file descriptions.
let recordLocksFamily = Family(
    "RecordLocks",
    [
        .shell(
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
        .python(
            "when they end",
            #"""
            def lock(fd, kind, at, size, wait=False): return fcntl.fcntl(fd, fcntl.F_SETLKW if wait else fcntl.F_SETLK, struct.pack("hhqqi4x", kind, 0, at, size, 0)) and None
            R, W, U = fcntl.F_RDLCK, fcntl.F_WRLCK, fcntl.F_UNLCK
            open("f", "w").write("x" * 100); a = os.open("f", os.O_RDWR); b = os.open("f", os.O_RDWR)
            def seen(what): in_child(lambda: attempt(what, lock, os.open("f", os.O_RDWR), W, 0, 10))
            lock(a, W, 0, 10); seen("held"); os.close(b); seen("another descriptor closed"); lock(a, W, 0, 10); seen("held again"); d = os.dup(a); os.close(d); seen("a copy closed"); lock(a, W, 0, 10); r = os.open("f", os.O_RDONLY); os.close(r); seen("a reader closed"); lock(a, W, 0, 10); in_child(lambda: os.close(a)); seen("closed by a child"); in_child(lambda: attempt("child has none", lock, a, W, 0, 10)); lock(a, U, 0, 10); seen("given up")
            in_child(lambda: lock(a, W, 0, 10)); seen("the child is gone")
            pid = os.fork()
            if pid == 0:
                lock(a, W, 0, 10); os.kill(os.getpid(), signal.SIGKILL)
            os.waitpid(pid, 0); seen("the child was killed"); lock(a, W, 0, 10); m = mmap.mmap(a, 100); seen("mapped")
            """#
        ),
        .python(
            "ranges, upgrades and what is asked",
            #"""
            R, W, U = fcntl.F_RDLCK, fcntl.F_WRLCK, fcntl.F_UNLCK
            def call(fd, command, kind, at, size, whence=0): return fcntl.fcntl(fd, command, struct.pack("hhqqi4x", kind, whence, at, size, 0))
            open("f", "w").write("x" * 100); a = os.open("f", os.O_RDWR); parent = os.getpid()
            def table(what):
                def look():
                    fd = os.open("f", os.O_RDWR); at = 0; found = []
                    while at < 200:
                        kind, whence, start, size, pid = struct.unpack("hhqqi4x", call(fd, fcntl.F_GETLK, W, at, 0))
                        if kind == U: break
                        found.append((kind, start, size, pid == parent)); at = start + size if size else 200
                    say(what, found)
                in_child(look)
            for what, kind, at, size, whence in (("write", W, 10, 20, 0), ("read inside", R, 15, 5, 0), ("joined", W, 15, 5, 0), ("split", U, 18, 4, 0), ("next to it", W, 30, 10, 0), ("to the end", R, 50, 0, 0), ("backwards", W, 60, -5, 0), ("from the end", W, -10, 5, 2), ("all", U, 0, 0, 0), ("before the start", W, -1, 5, 0), ("backwards past it", W, 3, -5, 0), ("far", W, 1 << 62, 1 << 61, 0), ("kind", 9, 0, 1, 0), ("whence", W, 0, 1, 7)): attempt(what, lambda: call(a, fcntl.F_SETLK, kind, at, size, whence) and None); table(what)
            r = os.open("f", os.O_RDONLY); w = os.open("f", os.O_WRONLY); attempt("write through a reader", lambda: call(r, fcntl.F_SETLK, W, 0, 1) and None); attempt("read through a writer", lambda: call(w, fcntl.F_SETLK, R, 0, 1) and None); attempt("own lock asked", lambda: struct.unpack("hhqqi4x", call(a, fcntl.F_GETLK, W, 0, 100))[0]); d = os.open(".", os.O_RDONLY); attempt("directory", lambda: call(d, fcntl.F_SETLK, R, 0, 1) and None); os.unlink("f"); attempt("unlinked", lambda: call(a, fcntl.F_SETLK, W, 0, 1) and None)
            """#
        ),
        .python(
            "waits, wakes and deadlocks",
            #"""
            R, W, U = fcntl.F_RDLCK, fcntl.F_WRLCK, fcntl.F_UNLCK
            def call(fd, command, kind, at, size): return fcntl.fcntl(fd, command, struct.pack("hhqqi4x", kind, 0, at, size, 0)) and None
            for n in ("f", "g"): open(n, "w").write("x" * 100)
            def pair(first, second):
                f = os.open("f", os.O_RDWR); g = os.open(second, os.O_RDWR); ra, wa = os.pipe(); call(f, fcntl.F_SETLK, W, 0, 1); pid = os.fork()
                if pid == 0:
                    g2 = os.open(second, os.O_RDWR); f2 = os.open("f", os.O_RDWR); call(g2, fcntl.F_SETLK, W, 10, 1); os.write(wa, b"x"); call(f2, fcntl.F_SETLKW, W, 0, 1); os._exit(0)
                os.read(ra, 1); blocked(pid); attempt(first, call, g, fcntl.F_SETLKW, W, 10, 1); call(f, fcntl.F_SETLK, U, 0, 1); os.waitpid(pid, 0)
                for fd in (f, g, ra, wa): os.close(fd)
            pair("deadlock in one file", "f"); pair("deadlock over two files", "g")
            f = os.open("f", os.O_RDWR); call(f, fcntl.F_SETLK, W, 0, 10); kids = []
            for i in range(3):
                pid = os.fork()
                if pid == 0:
                    c = os.open("f", os.O_RDWR); call(c, fcntl.F_SETLKW, R, 0, 10); os._exit(0)
                kids.append(pid)
            for pid in kids: blocked(pid)
            call(f, fcntl.F_SETLK, U, 0, 10); say([os.waitpid(pid, 0)[1] for pid in kids]); call(f, fcntl.F_SETLK, W, 0, 10)
            def interrupted():
                signal.signal(signal.SIGALRM, lambda *a: (_ for _ in ()).throw(InterruptedError(4, "alarm"))); signal.setitimer(signal.ITIMER_REAL, 0.1); attempt("alarm", call, os.open("f", os.O_RDWR), fcntl.F_SETLKW, W, 5, 1)
            in_child(interrupted); pid = os.fork()
            if pid == 0: call(os.open("f", os.O_RDWR), fcntl.F_SETLKW, W, 5, 1); os._exit(0)
            blocked(pid); os.kill(pid, signal.SIGKILL); say(os.waitpid(pid, 0)[1]); in_child(lambda: attempt("others", call, os.open("f", os.O_RDWR), fcntl.F_SETLK, W, 10, 1)); os.close(f); in_child(lambda: attempt("free", call, os.open("f", os.O_RDWR), fcntl.F_SETLK, W, 0, 10))
            """#
        ),
        .python(
            "open file description locks",
            #"""
            GET, SET, WAIT = 36, 37, 38; R, W, U = fcntl.F_RDLCK, fcntl.F_WRLCK, fcntl.F_UNLCK
            def call(fd, command, kind, at, size): return fcntl.fcntl(fd, command, struct.pack("hhqqi4x", kind, 0, at, size, 0))
            open("f", "w").write("x" * 100); a = os.open("f", os.O_RDWR); b = os.open("f", os.O_RDWR)
            attempt("first", lambda: call(a, SET, W, 0, 10) and None); attempt("second", lambda: call(b, SET, W, 5, 1) and None); attempt("asked", lambda: struct.unpack("hhqqi4x", call(b, GET, W, 0, 0))[:4]); attempt("apart", lambda: call(b, SET, W, 20, 5) and None); d = os.dup(a); os.close(d); attempt("a copy closed", lambda: call(b, SET, W, 5, 1) and None); c = os.open("f", os.O_RDWR); os.close(c); attempt("another closed", lambda: call(b, SET, W, 5, 1) and None)
            in_child(lambda: attempt("child shares it", lambda: call(a, SET, W, 0, 10) and None)); attempt("after the child", lambda: call(b, SET, W, 5, 1) and None); attempt("against a record lock", lambda: call(b, fcntl.F_SETLK, W, 5, 1) and None); pid = os.fork()
            if pid == 0: time.sleep(30); os._exit(0)
            os.close(a); attempt("held by the child's copy", lambda: call(b, SET, W, 5, 1) and None); os.kill(pid, signal.SIGKILL); os.waitpid(pid, 0); until(lambda: quiet(lambda: call(b, SET, W, 5, 1))); attempt("after the last", lambda: call(b, SET, W, 5, 1) and None)
            """#
        ),
    ])
