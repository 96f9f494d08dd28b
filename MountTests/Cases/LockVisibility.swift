/// Locks taken through the mount and on the source: each way sees the other's, and they end with who took them.
let lockVisibilityCases: [TestCase] = ["native", "staged", "plain"].flatMap { route in
    [
        locks(
            "record locks are seen both ways", route,
            """
            m = os.open(M, os.O_RDWR); s = os.open(S, os.O_RDWR); call(m, SET, W, 10, 10)
            in_child(lambda: attempt("source against mount", call, s, SET, R, 15, 1)); in_child(lambda: say(query(s, W, 0, 0)[:4])); call(m, SET, U, 10, 10); in_child(lambda: attempt("given up", call, s, SET, R, 15, 1))
            call(s, SET, W, 50, 5); in_child(lambda: attempt("mount against source", call, m, SET, R, 52, 1)); in_child(lambda: say(query(m, W, 40, 0)[:4], query(m, W, 40, 0)[4] == os.getppid())); pid = os.fork()
            if pid == 0: call(os.open(M, os.O_RDWR), WAIT, W, 50, 1); os._exit(0)
            blocked(pid); call(s, SET, U, 0, 0); say(os.waitpid(pid, 0)[1])
            """,
            """
            source against mount EAGAIN
            (1, 0, 10, 10)
            given up done
            mount against source EAGAIN
            (1, 0, 50, 5) True
            0
            """),
        locks(
            "flock is seen both ways", route,
            """
            m = os.open(M, os.O_RDONLY); s = os.open(S, os.O_RDONLY); fcntl.flock(m, fcntl.LOCK_EX); attempt("source against mount", fcntl.flock, s, fcntl.LOCK_SH | fcntl.LOCK_NB); fcntl.flock(m, fcntl.LOCK_SH); attempt("shared", fcntl.flock, s, fcntl.LOCK_SH | fcntl.LOCK_NB); attempt("upgrade", fcntl.flock, m, fcntl.LOCK_EX | fcntl.LOCK_NB); fcntl.flock(s, fcntl.LOCK_EX | fcntl.LOCK_NB) if False else fcntl.flock(s, fcntl.LOCK_UN); attempt("alone", fcntl.flock, m, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(m); until(lambda: quiet(lambda: fcntl.flock(s, fcntl.LOCK_EX | fcntl.LOCK_NB))); pid = os.fork()
            if pid == 0: fcntl.flock(os.open(M, os.O_RDONLY), fcntl.LOCK_EX); os._exit(0)
            blocked(pid); fcntl.flock(s, fcntl.LOCK_UN); say(os.waitpid(pid, 0)[1])
            """,
            """
            source against mount EAGAIN
            shared done
            upgrade EAGAIN
            alone done
            0
            """),
        locks(
            "a reader's record lock ends with its process, though a child keeps the file open", route,
            """
            r, w = os.pipe(); pid = os.fork()
            if pid == 0:
                fd = os.open(M, os.O_RDONLY); call(fd, SET, R, 0, 10)
                if os.fork() == 0: os.close(w); os.read(r, 1); os._exit(0)
                os._exit(0)
            os.close(r); os.waitpid(pid, 0); s = os.open(S, os.O_RDWR); until(lambda: quiet(lambda: call(s, SET, W, 0, 10))); attempt("free", call, s, SET, W, 0, 10); os.close(w)
            """,
            """
            free done
            """),
        locks(
            "a reader's record lock ends with its last descriptor", route,
            """
            fd = os.open(M, os.O_RDONLY); call(fd, SET, R, 0, 10); s = os.open(S, os.O_RDWR); in_child(lambda: attempt("held", call, s, SET, W, 0, 10)); os.close(fd); in_child(lambda: until(lambda: quiet(lambda: call(s, SET, W, 0, 10)))); again = os.open(M, os.O_RDWR); call(again, SET, W, 0, 10); other = os.open(M, os.O_RDONLY); os.close(other); in_child(lambda: attempt("another reader closed", call, s, SET, W, 0, 10))
            """,
            """
            held EAGAIN
            another reader closed done
            """),
    ]
}

private func locks(_ name: String, _ route: String, _ steps: String, _ wanted: String) -> TestCase {
    TestCase("Locks/\(route), \(name)") { bench in
        let source = try bench.make("source")
        try require("head -c 3000000 /dev/zero > file", in: source)
        try served(bench, source: source, ["--route", route]) { mount in
            let script =
                familyPrelude + """
                    S, M = sys.argv[1:3]; SET, WAIT = fcntl.F_SETLK, fcntl.F_SETLKW; R, W, U = fcntl.F_RDLCK, fcntl.F_WRLCK, fcntl.F_UNLCK
                    def call(fd, command, kind, at, size): return fcntl.fcntl(fd, command, struct.pack("hhqqi4x", kind, 0, at, size, 0)) and None
                    def query(fd, kind, at, size): return struct.unpack("hhqqi4x", fcntl.fcntl(fd, fcntl.F_GETLK, struct.pack("hhqqi4x", kind, 0, at, size, 0)))

                    """ + steps
            let said = try run(["python3", "-c", script, source + "/file", mount.path + "/file"], timeout: 40)
            try expectEqual(said.text, wanted + "\n", "what the locks did")
        }
    }
}
