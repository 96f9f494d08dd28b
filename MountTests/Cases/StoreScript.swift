/// Stores through a mapping of a staged copy, by a descriptor that came back by /proc/self/fd, beside changes of the source and writes of its
/// own. The same is done to a file that nobody serves, and both must have the same bytes. Arguments: source, mount, the server's process, the
/// other file.
let storesBesideChanges = #"""
    import ctypes, os, signal, sys, time
    DAEMON = int(sys.argv[3])
    SIZE, PAGE = 5000000, 4096
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    class Side:
        def __init__(self, path, underneath):
            self.underneath = underneath
            self.reader = os.open(path, os.O_RDONLY)
            if os.pread(self.reader, 2, 0) != b"oo": raise SystemExit("not the source's bytes")
            self.writer = os.open("/proc/self/fd/%d" % self.reader, os.O_RDWR)
            # mmap(2) of Python keeps a descriptor: this one is without.
            self.address = libc.mmap(None, SIZE, 3, 1, self.writer, 0)
            if self.address in (None, ctypes.c_void_p(-1).value): raise SystemExit("mmap: " + os.strerror(ctypes.get_errno()))
        def store(self, at, data): ctypes.memmove(self.address + at, data, len(data))
        def change(self, at, data, flags=0):
            f = os.open(self.underneath, os.O_WRONLY | flags)
            if data: os.pwrite(f, data, at)
            os.close(f)
        def punch(self, at, count):
            f = os.open(self.underneath, os.O_WRONLY)
            libc.fallocate(f, 3, ctypes.c_long(at), ctypes.c_long(count)); os.close(f)
        def content(self):
            with open(self.underneath, "rb") as f: return f.read()
        def seen(self): return os.pread(self.reader, 2 * SIZE, 0)
    # The same is done by way of the mount and on a file that nobody serves.
    mounted = Side(sys.argv[2] + "/other", sys.argv[1] + "/other")
    native = Side(sys.argv[4], sys.argv[4])
    def difference(found, wanted):
        at = next((n for n in range(min(len(found), len(wanted))) if found[n] != wanted[n]), min(len(found), len(wanted)))
        return "%d bytes of %d, from %d on %r, wanted %r" % (len(found), len(wanted), at, found[at:at + 16], wanted[at:at + 16])
    def alike(what):
        end = time.monotonic() + 2
        while True:
            wanted, found, seen = native.content(), mounted.content(), mounted.seen()
            if wanted == found == seen: return
            if time.monotonic() > end: break
        wrong, where = (found, "the source") if found != wanted else (seen, "the copy")
        raise SystemExit("%s: %s has %s" % (what, where, difference(wrong, wanted)))
    steps = 0
    def step(what, act, stopped=True):
        global steps; steps += 1
        # A server that is stopped finds what was stored and what was changed underneath together.
        if stopped: os.kill(DAEMON, signal.SIGSTOP)
        try:
            for side in (mounted, native): act(side)
        finally: os.kill(DAEMON, signal.SIGCONT)
        alike(what)
    def both(*acts): return lambda side: [act(side) for act in acts]
    store = lambda at, data: lambda side: side.store(at, data)
    change = lambda at, data, flags=0: lambda side: side.change(at, data, flags)
    alike("at the beginning")
    step("a close for writing that changes nothing", both(store(10 * PAGE + 5, b"STORED"), change(0, b"")))
    step("a write to another page", both(store(11 * PAGE, b"STORED"), change(500 * PAGE, b"CHANGED")))
    step("a write to the same page", both(store(12 * PAGE + 100, b"STORED"), change(12 * PAGE + 2000, b"CHANGED")))
    step("the same bytes stored and written", both(store(13 * PAGE, b"SAME"), change(13 * PAGE, b"SAME")))
    # Known to the server once it returns.
    for side in (mounted, native): os.fsync(side.writer)
    step("a store to what was stored and written", both(store(13 * PAGE, b"OTHER"), change(0, b"")))
    step("a write to what was stored before", change(10 * PAGE, b"CHANGED CHANGED"))
    step("an append", both(store(SIZE - 10, b"STORED"), change(SIZE, b"APPENDED" * 9000)))
    step("a change of times", both(store(14 * PAGE, b"STORED"), lambda side: os.utime(side.underneath, (1e9, 1e9))))
    step("a chmod", both(store(15 * PAGE, b"STORED"), lambda side: os.chmod(side.underneath, 0o600)))
    step("a truncation behind it", both(store(16 * PAGE, b"STORED"), lambda side: os.truncate(side.underneath, 4000001)))
    step("a growth", both(store(17 * PAGE, b"STORED"), lambda side: os.truncate(side.underneath, SIZE)))
    step("a hole", both(store(1000 * PAGE, b"STORED"), lambda side: side.punch(1100 * PAGE, 200)))
    step("a write(2) of its own beside it", both(store(18 * PAGE + 10, b"STORED"), lambda side: os.pwrite(side.writer, b"WRITTEN" * 1000, 18 * PAGE + 30)), stopped=False)
    step("a truncation of its own behind it", both(store(4000000 - 20, b"STORED"), lambda side: os.ftruncate(side.writer, 4000000)), stopped=False)
    step("an append of its own", both(store(4000000 - 40, b"STORED"), lambda side: os.pwrite(side.writer, b"APPENDED" * 9000, 4000000)), stopped=False)
    step("a growth of its own", both(store(19 * PAGE, b"STORED"), lambda side: os.ftruncate(side.writer, SIZE)), stopped=False)
    for n in range(50):
        step("store %d, and a close for writing" % n, both(store((20 + n) * PAGE + n, b"STORED"), change(n * 90000, b"%d" % n)), stopped=False)
    # An unmapping tells nobody.
    for side in (mounted, native): os.close(side.writer)
    step("an unmapping", both(store(80 * PAGE, b"LAST"), change(0, b""), lambda side: libc.munmap(side.address, SIZE)))
    os.close(mounted.reader)
    mounted.reader = os.open(mounted.underneath, os.O_RDONLY)
    alike("at the end")
    print("%d ways" % steps)
    """#

/// Stores through a mapping of a staged copy, and changes of its source, between a server that is killed and the next one. Arguments: mount,
/// source, supervisor.
let storesBetweenServers = #"""
    import mmap, os, signal, sys, time
    M, S, SUPERVISOR = sys.argv[1] + "/file", sys.argv[2] + "/file", int(sys.argv[3])
    def until(condition, what):
        end = time.monotonic() + 5
        while not condition():
            if time.monotonic() > end: raise SystemExit(what + ": not so after 5 s")
    def state(process): return open("/proc/%d/stat" % process).read().rsplit(") ", 1)[1][0]
    def server(): return open("/proc/%d/task/%d/children" % (SUPERVISOR, SUPERVISOR)).read().split()
    reader = os.open(M, os.O_RDONLY)
    if os.pread(reader, 2, 0) != b"oo": raise SystemExit("not the source's bytes")
    writer = os.open("/proc/self/fd/%d" % reader, os.O_RDWR)
    mapped = mmap.mmap(writer, 0)
    wanted = bytearray(b"o" * 5000000)
    def store(at, data): mapped[at:at + len(data)] = data; wanted[at:at + len(data)] = data
    for n in range(10):
        until(server, "another server")
        process = int(server()[0])
        os.kill(SUPERVISOR, signal.SIGSTOP); until(lambda: state(SUPERVISOR) == "T", "the supervisor is stopped")
        try:
            os.kill(process, signal.SIGKILL); until(lambda: state(process) == "Z", "the server has ended")
            store(n * 90000, b"STORED %d" % n)
            with open(S, "r+b") as f:
                f.seek(n * 90000 + 700); f.write(b"CHANGED %d" % n); wanted[n * 90000 + 700:n * 90000 + 709] = b"CHANGED %d" % n
                if n % 3 == 2: f.seek(0, 2); f.write(b"APPENDED"); wanted += b"APPENDED"
        finally: os.kill(SUPERVISOR, signal.SIGCONT)
        os.stat(sys.argv[1])
        until(lambda: open(S, "rb").read() == wanted, "the source after server %d" % n)
        until(lambda: os.pread(reader, 2 * len(wanted), 0) == wanted, "the copy after server %d" % n)
    """#
