/// flock(2).
let fileLocksFamily = Family(
    "FileLocks",
    [
        .shell(
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
        .shell(
            "a lock that waits",
            #"""
            touch f; ( flock 9; echo first; sleep 0.3; echo first done ) 9< f & sleep 0.1; ( flock 9; echo second ) 9< f; wait
            ( flock -w 0.2 9; flock -n -x 8; echo $? ) 9< f 8< f
            """#
        ),
        .python(
            "inherited, converted and released",
            #"""
            open("f", "w").close(); a = os.open("f", os.O_RDWR); EX, SH, UN, NB = fcntl.LOCK_EX, fcntl.LOCK_SH, fcntl.LOCK_UN, fcntl.LOCK_NB
            def other(what):
                def body():
                    for mode in (SH, EX): fd = os.open("f", os.O_RDONLY); attempt("%s %d" % (what, mode), fcntl.flock, fd, mode | NB); os.close(fd)
                in_child(body)
            other("free"); fcntl.flock(a, SH); other("shared"); fcntl.flock(a, EX | NB); other("exclusive"); b = os.open("f", os.O_RDONLY); attempt("same process", fcntl.flock, b, SH | NB); d = os.dup(a); os.close(a); other("a copy lives"); fcntl.flock(d, UN); other("given up by the copy"); fcntl.flock(d, EX); os.close(d); other("the last closed")
            c = os.open("f", os.O_RDONLY); fcntl.flock(c, EX); in_child(lambda: fcntl.flock(c, UN)); other("given up by a child"); fcntl.flock(c, SH); fcntl.flock(b, SH); attempt("upgrade against a reader", fcntl.flock, c, EX | NB); other("after the failed upgrade"); fcntl.flock(b, UN); attempt("both kinds", fcntl.lockf, os.open("f", os.O_RDWR), EX | NB)
            attempt("nothing", fcntl.flock, c, 0); attempt("path", fcntl.flock, os.open("f", os.O_PATH), SH); dd = os.open(".", os.O_RDONLY); attempt("directory", fcntl.flock, dd, EX | NB); in_child(lambda: attempt("directory again", fcntl.flock, os.open(".", os.O_RDONLY), EX | NB)); w = os.open("f", os.O_WRONLY); os.close(c); attempt("shared by a writer", fcntl.flock, w, SH | NB)
            def interrupted():
                signal.signal(signal.SIGALRM, lambda *a: (_ for _ in ()).throw(InterruptedError(4, "alarm"))); signal.setitimer(signal.ITIMER_REAL, 0.1); attempt("alarm", fcntl.flock, os.open("f", os.O_RDONLY), EX)
            in_child(interrupted)
            """#
        ),
    ])
