/// Changes made underneath, one of each kind, each looked for through the mount until it is there; at the end how long that
/// took. Arguments: source, mount, another mount of the source's filesystem (or the source), seconds allowed.
let everyKindOfChange = #"""
    import errno, json, mmap, os, subprocess, sys, time
    S, M, B, LIMIT = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
    OUT = S + "-outside"
    os.makedirs(OUT, exist_ok=True)
    NAMES = ["a", "b", "c", "d", "d/x", "d/y", "d/e", "d/e/z", "d2", "d2/x", "link", "fifo", "new", "m", "bound"]
    for d in ("d", "d/e"): os.mkdir(S + "/" + d)
    for f in ("a", "b", "c", "d/x", "d/e/z", "m"): open(S + "/" + f, "w").write(f * 100)
    os.symlink("a", S + "/link")

    def tell(s): return (s.st_ino, s.st_mode, s.st_nlink, s.st_uid, s.st_gid, s.st_size, s.st_mtime_ns, s.st_ctime_ns)
    def tried(call, *arguments):
        try: return call(*arguments)
        except OSError as error: return errno.errorcode[error.errno]
    def stats(root): return [(n, tried(lambda: tell(os.lstat(root + "/" + n)))) for n in NAMES]
    def lists(root): return [(n, tried(lambda: sorted(os.listdir(root + "/" + n)))) for n in (".", "d", "d/e", "d2")]
    def read(path):
        if os.path.islink(path): return os.readlink(path)
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as f: return f.read()
    def reads(root): return [(n, tried(read, root + "/" + n)) for n in NAMES if n not in ("d", "d/e", "d2")]
    def attributes(path): return [(k, os.getxattr(path, k, follow_symlinks=False)) for k in sorted(os.listxattr(path, follow_symlinks=False))]
    def xattrs(root): return [(n, tried(attributes, root + "/" + n)) for n in NAMES]
    # Files held open on both sides, from before: their attributes and bytes.
    held = {S: {}, M: {}}
    def hold():
        for root in (S, M):
            for f in held[root].values(): os.close(f)
            held[root] = {n: os.open(root + "/" + n, os.O_RDONLY | os.O_NONBLOCK) for n in NAMES if os.path.isfile(S + "/" + n) and not os.path.islink(S + "/" + n)}
    def helds(root): return [(n, tell(os.fstat(f)), os.pread(f, 1 << 16, 0)) for n, f in held[root].items()]
    ASPECTS = [("stat", stats), ("list", lists), ("read", reads), ("xattr", xattrs), ("held", helds)]
    took = []
    def change(what, act):
        hold()
        for _, see in ASPECTS: see(M)
        for _, see in ASPECTS: see(M)
        act()
        start = time.monotonic()
        for aspect, see in ASPECTS:
            wanted = see(S)
            while True:
                found = see(M)
                if found == wanted: break
                if time.monotonic() - start > LIMIT:
                    lines = ["  %r, wanted %r" % (f, w) for f, w in zip(found, wanted) if f != w]
                    raise SystemExit("%s: %s not seen after %g s:\n%s" % (what, aspect, LIMIT, "\n".join(lines)))
            took.append((time.monotonic() - start, what, aspect))

    long = os.open(S + "/c", os.O_WRONLY | os.O_APPEND)
    change("create", lambda: open(S + "/new", "w").write("n"))
    change("append by a descriptor that stays open", lambda: os.write(long, b"more"))
    change("append again", lambda: os.write(long, b"still more"))
    change("overwrite in place", lambda: os.pwrite(os.open(S + "/a", os.O_WRONLY), b"HELLO", 3))
    change("truncate", lambda: os.truncate(S + "/a", 10))
    change("extend", lambda: os.truncate(S + "/a", 100000))
    change("truncate by a descriptor that stays open", lambda: os.ftruncate(long, 5))
    change("fallocate", lambda: os.posix_fallocate(long, 0, 5000))
    change("write and close", lambda: open(S + "/b", "w").write("other"))
    change("chmod", lambda: os.chmod(S + "/a", 0o640))
    change("chown", lambda: os.chown(S + "/a", 12, 34))
    change("set times", lambda: os.utime(S + "/a", (1e9, 1e9)))
    if "noxattr" not in sys.argv:
        change("setxattr", lambda: os.setxattr(S + "/a", "trusted.t", b"1"))
        change("removexattr", lambda: os.removexattr(S + "/a", "trusted.t"))
        change("setfacl", lambda: subprocess.check_call(["setfacl", "-m", "u:77:rw", S + "/a"]))
        change("default ACL", lambda: subprocess.check_call(["setfacl", "-d", "-m", "u:77:rw", S + "/d"]))
    change("rename", lambda: os.rename(S + "/new", S + "/d/y"))
    change("rename out of the source", lambda: os.rename(S + "/d/y", OUT + "/y"))
    change("rename into the source", lambda: os.rename(OUT + "/y", S + "/new"))
    def swap():
        os.symlink("b", S + "/link.tmp"); os.rename(S + "/link.tmp", S + "/link")
    change("symbolic link replaced", swap)
    def replace():
        open(S + "/a.tmp", "w").write("replaced"); os.rename(S + "/a.tmp", S + "/a")
    change("file replaced by rename", replace)
    change("hard link added", lambda: os.link(S + "/b", S + "/d/y"))
    change("write by the other name", lambda: open(S + "/d/y", "a").write("by the other name"))
    change("hard link removed", lambda: os.unlink(S + "/d/y"))
    change("fifo", lambda: os.mkfifo(S + "/fifo"))
    change("mkdir", lambda: os.mkdir(S + "/d2"))
    change("create in it", lambda: open(S + "/d2/x", "w").write("x"))
    def over():
        os.unlink(S + "/d2/x"); os.rmdir(S + "/d2"); os.rename(S + "/d", S + "/d2")
    change("directory moved over another's name", over)
    change("directory moved back", lambda: os.rename(S + "/d2", S + "/d"))
    change("rename within a moved directory", lambda: os.rename(S + "/d/e/z", S + "/d/y"))
    change("directory removed", lambda: os.rmdir(S + "/d/e"))
    def store():
        with open(S + "/m", "r+b") as f:
            m = mmap.mmap(f.fileno(), 0); m[0:6] = b"STORED"; m.flush(); m.close()
    change("store through a mapping", store)
    change("create by another mount of the filesystem", lambda: open(B + "/bound", "w").write("bound"))
    change("write by another mount of the filesystem", lambda: open(B + "/bound", "a").write("again"))
    change("chmod by another mount of the filesystem", lambda: os.chmod(B + "/bound", 0o600))
    change("unlink", lambda: os.unlink(S + "/bound"))
    times = sorted(t * 1000 for t, _, aspect in took if aspect == "stat")
    worst = max(took)
    print("%d changes, seen by stat after %.1f ms (median), %.1f ms (worst); all aspects after %.1f ms at worst (%s, %s)" % (
        len(times), times[len(times) // 2], times[-1], worst[0] * 1000, worst[1], worst[2]))
    """#

/// Changes by two processes as fast as may be while two others look; then everything must be equal. Arguments: source,
/// mount, number of changes, seconds allowed afterwards.
let manyChanges = #"""
    import os, random, sys, time
    S, M, CHANGES, LIMIT = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    COUNT = 600
    for d in range(8): os.makedirs(S + "/d%d" % d, exist_ok=True)
    def path(root, n): return "%s/d%d/f%d" % (root, n % 8, n)
    def see(root):
        seen = []
        for n in range(COUNT):
            p = path(root, n)
            try:
                s = os.stat(p)
                with open(p, "rb") as f: seen.append((n, s.st_ino, s.st_mode, s.st_nlink, s.st_size, s.st_mtime_ns, f.read()))
            except FileNotFoundError: seen.append((n, None))
        return seen, [sorted(os.listdir(root + "/d%d" % d)) for d in range(8)]
    def process(body, seed):
        child = os.fork()
        if child == 0:
            body(random.Random(seed))
            os._exit(0)
        return child
    def look(pick):
        while not os.path.exists(S + "/done"):
            p = path(M, pick.randrange(COUNT))
            try:
                os.stat(p)
                if pick.random() < 0.2: open(p, "rb").read()
                if pick.random() < 0.02: os.listdir(os.path.dirname(p))
            except OSError: pass
    def change(pick):
        done = 0
        while done < CHANGES / 2:
            a = path(S, pick.randrange(COUNT)); b = path(S, pick.randrange(COUNT)); k = pick.randrange(6)
            try:
                if k == 0: os.unlink(a)
                elif k == 1: os.rename(a, b)
                elif k == 2: os.chmod(a, 0o600 + pick.randrange(64))
                elif k == 3: os.truncate(a, pick.randrange(100))
                else:
                    f = os.open(a, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644); os.write(f, b"x"); os.close(f)
                done += 1
            except FileNotFoundError: pass
    for n in range(0, COUNT, 2): open(path(S, n), "w").write("first")
    see(M)
    readers = [process(look, n) for n in (1, 2)]
    start = time.monotonic()
    for child in [process(change, n) for n in (3, 4)]: os.waitpid(child, 0)
    rate = CHANGES / (time.monotonic() - start)
    open(S + "/done", "w").close()
    for child in readers: os.waitpid(child, 0)
    start = time.monotonic()
    wanted = see(S)
    while True:
        found = see(M)
        if found == wanted: break
        if time.monotonic() - start > LIMIT:
            lines = ["  %r, wanted %r" % (f, w) for f, w in zip(found[0] + found[1], wanted[0] + wanted[1]) if f != w]
            raise SystemExit("%d things differ %g s after the last of %d changes:\n%s" % (len(lines), LIMIT, CHANGES, "\n".join(lines[:8])))
    print("%d changes a second, everything equal %.0f ms after the last" % (rate, (time.monotonic() - start) * 1000))
    """#

/// More changes than any queue holds while the server is stopped. Arguments: source, mount, the server's process, number of
/// changes, seconds allowed afterwards.
let overflow = #"""
    import os, signal, sys, time
    S, M, SERVER, CHANGES, LIMIT = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    COUNT = 2000
    for n in range(0, COUNT, 2): open(S + "/f%d" % n, "w").write("first")
    def see(root):
        seen = []
        for n in range(COUNT):
            try:
                s = os.stat(root + "/f%d" % n); seen.append((n, s.st_ino, s.st_mode, s.st_size, s.st_mtime_ns))
            except FileNotFoundError: seen.append((n, None))
        return seen, sorted(os.listdir(root))
    see(M); see(M)
    os.kill(SERVER, signal.SIGSTOP)
    changes = 0
    for n in range(COUNT):
        p = S + "/f%d" % n
        if n % 2 == 0 and n % 3 == 0: os.unlink(p); changes += 1
        elif n % 2 == 0: os.chmod(p, 0o600); changes += 1
        elif n % 3 == 0: open(p, "w").write("new"); changes += 2
    while changes < CHANGES:
        p = S + "/g%d" % changes
        os.close(os.open(p, os.O_CREAT | os.O_WRONLY)); os.rename(p, p + "x"); os.unlink(p + "x"); changes += 4
    for n in range(0, COUNT, 2):
        if n % 3 != 0: open(S + "/f%d" % n, "a").write("tail"); changes += 1
    os.kill(SERVER, signal.SIGCONT)
    start = time.monotonic()
    wanted = see(S)
    while True:
        found = see(M)
        if found == wanted: break
        if time.monotonic() - start > LIMIT:
            lines = ["  %r, wanted %r" % (f, w) for f, w in zip(found[0], wanted[0]) if f != w]
            raise SystemExit("%d things differ %g s after %d changes:\n%s" % (len(lines), LIMIT, changes, "\n".join(lines[:8])))
    print("%d changes, everything equal %.0f ms after the server went on" % (changes, (time.monotonic() - start) * 1000))
    """#

/// One file appended to without a pause for some seconds, its size compared all the while. Arguments: source, mount.
let busyFile = #"""
    import os, sys, threading, time
    S, M = sys.argv[1] + "/log", sys.argv[2] + "/log"
    open(S, "w").write("start")
    os.stat(M)
    child = os.fork()
    if child == 0:
        f = os.open(S, os.O_WRONLY | os.O_APPEND)
        end = time.monotonic() + 2.5
        while time.monotonic() < end: os.write(f, b"x" * 100)
        os._exit(0)
    late = 0
    for _ in range(40):
        wanted = os.stat(S).st_size; start = time.monotonic()
        while os.stat(M).st_size < wanted:
            if time.monotonic() - start > 2: raise SystemExit("%d of %d bytes after 2 s" % (os.stat(M).st_size, wanted))
        late = max(late, time.monotonic() - start)
        end = time.monotonic() + 0.02
        while time.monotonic() < end: os.stat(M)
    os.waitpid(child, 0)
    start = time.monotonic()
    while os.stat(M).st_size != os.stat(S).st_size or os.stat(M).st_mtime_ns != os.stat(S).st_mtime_ns:
        if time.monotonic() - start > 2: raise SystemExit("the last append is not seen after 2 s")
    # Not busy any more: reported one by one again.
    for n in range(25):
        end = time.monotonic() + 0.1
        while time.monotonic() < end: os.stat(M)
        with open(S, "a") as f: f.write("y")
        start = time.monotonic()
        while os.stat(M).st_size != os.stat(S).st_size:
            if time.monotonic() - start > 2: raise SystemExit("append %d afterwards is not seen after 2 s" % n)
    print("seen %.0f ms late at worst" % (late * 1000))
    """#

/// A filesystem mounted on a directory of the source and taken away again. Arguments: source, mount.
let mountInside = #"""
    import os, subprocess, sys, time
    S, M = sys.argv[1], sys.argv[2]
    def within(condition, what):
        end = time.monotonic() + 2
        while not condition():
            if time.monotonic() > end: raise SystemExit(what + " is not seen after 2 s")
    for _ in range(3): os.stat(M + "/d/below"); os.path.exists(M + "/d/above")
    subprocess.check_call(["mount", "-t", "tmpfs", "none", S + "/d"])
    try:
        open(S + "/d/above", "w").write("above")
        within(lambda: os.path.exists(M + "/d/above") and not os.path.exists(M + "/d/below"), "what was mounted")
        for _ in range(3): os.stat(M + "/d/above")
        within(lambda: open(M + "/d/above").read() == "above", "a file of what was mounted")
    finally: subprocess.check_call(["umount", "-l", S + "/d"])
    within(lambda: os.path.exists(M + "/d/below") and not os.path.exists(M + "/d/above"), "what was beneath it")
    """#

/// Stores through mappings of a file whose staged copy another mapping holds. Arguments: source, mount.
let stagedStore = #"""
    import mmap, os, sys, time
    S, M = sys.argv[1] + "/file", sys.argv[2] + "/file"
    def source(at, count):
        with open(S, "rb") as f: return os.pread(f.fileno(), count, at)
    def same(found, wanted, what):
        if found != wanted: raise SystemExit("%s: found %r, wanted %r" % (what, found, wanted))
    def within(call, wanted, what):
        end = time.monotonic() + 2
        while call() != wanted:
            if time.monotonic() > end: raise SystemExit("%s: %r after 2 s, wanted %r" % (what, call(), wanted))
    def mapped(flags, protection):
        f = os.open(M, flags)
        m = mmap.mmap(f, 0, prot=protection)
        os.close(f)
        return m
    old = mapped(os.O_RDONLY, mmap.PROT_READ)
    same(old[:4], b"aaaa", "the staged copy")
    # mmap(2) of Python keeps a descriptor: this one is without.
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    libc.msync.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    f = os.open(M, os.O_RDWR)
    address = libc.mmap(None, 5000000, 3, 1, f, 0)
    if address in (None, ctypes.c_void_p(-1).value): raise SystemExit("mmap: " + os.strerror(ctypes.get_errno()))
    os.close(f)
    def store(at, data): ctypes.memmove(address + at, data, len(data))
    store(100, b"STORED")
    same(libc.msync(address, 4096, 4), 0, "msync")
    same(source(100, 6), b"STORED", "the source after msync")
    store(4999990, b"LAST")
    same(libc.msync(address + 4997120, 2880, 4), 0, "msync")
    same(source(4999990, 4), b"LAST", "the source after msync")
    with open(M, "rb") as f: same(os.pread(f.fileno(), 6, 100), b"STORED", "a new open")
    libc.munmap(address, 5000000)
    within(lambda: old[100:106], b"STORED", "the old mapping")
    within(lambda: old[4999990:4999994], b"LAST", "the old mapping")
    # Writes reach every view before they return, whichever descriptor they go by.
    w = os.open(M, os.O_RDWR)
    m = mmap.mmap(w, 0)
    for n in range(50):
        data = b"W%04d" % n
        os.pwrite(w, data, n * 90000)
        same(source(n * 90000, 5), data, "the source")
        same(m[n * 90000:n * 90000 + 5], data, "the writer's mapping")
        same(old[n * 90000:n * 90000 + 5], data, "the old mapping")
    m[7:11] = b"mmap"
    same(source(7, 4), b"mmap", "the source after a store")
    os.fsync(w)
    same(old[7:11], b"mmap", "the old mapping after fsync")
    os.ftruncate(w, 3000000)
    same((os.fstat(w).st_size, os.stat(S).st_size, os.stat(M).st_size), (3000000,) * 3, "sizes")
    os.pwrite(w, b"beyond", 5999994)
    same(source(5999994, 6), b"beyond", "the source")
    within(lambda: old[3000000:3000004], b"\0\0\0\0", "the hole in the old mapping")
    os.close(w); m.close()
    # A descriptor of the old inode has no name by which it could be looked up again.
    r = os.open(sys.argv[2] + "/other", os.O_RDONLY)
    if os.pread(r, 2, 0) != b"oo": raise SystemExit("other: not the source's bytes")
    w = os.open("/proc/self/fd/%d" % r, os.O_RDWR)
    O = sys.argv[1] + "/other"
    def other(at, count):
        with open(O, "rb") as f: return os.pread(f.fileno(), count, at)
    os.pwrite(w, b"WRITTEN", 1000)
    same(other(1000, 7), b"WRITTEN", "the source after a write")
    same(os.pread(r, 7, 1000), b"WRITTEN", "the copy after a write")
    m = mmap.mmap(w, 0)
    m[2000:2006] = b"STORED"
    os.fsync(w)
    same(other(2000, 6), b"STORED", "the source after fsync")
    m[3000:3005] = b"LATER"
    within(lambda: other(3000, 5), b"LATER", "the source after a store")
    same(os.pread(w, 5, 3000), b"LATER", "the writer")
    # The name leads to another inode from here on, of which the kernel keeps the times while nobody has it open for writing.
    N = sys.argv[2] + "/other"
    os.close(os.open(N, os.O_WRONLY))
    def times(path): s = os.stat(path); return (s.st_mtime_ns, s.st_ctime_ns, s.st_size)
    for _ in range(3): same(times(N), times(O), "the times by name")
    os.pwrite(w, b"AGAIN", 4000)
    same(times(N), times(O), "the times by name after a write")
    m[5000:5006] = b"MAPPED"
    within(lambda: other(5000, 6), b"MAPPED", "the source after another store")
    within(lambda: times(N) == times(O), True, "the times by name after a store")
    """#

/// Changes underneath of a file whose staged copy is mapped and open. Arguments: source, mount.
let stagedRefresh = #"""
    import mmap, os, sys, time
    S, M = sys.argv[1] + "/file", sys.argv[2] + "/file"
    f = os.open(M, os.O_RDONLY)
    m = mmap.mmap(f, 0, prot=mmap.PROT_READ)
    took = []
    def within(call, wanted, what):
        start = time.monotonic()
        while call() != wanted:
            if time.monotonic() - start > 2: raise SystemExit("%s: %r after 2 s, wanted %r" % (what, call(), wanted))
        took.append((time.monotonic() - start) * 1000)
    if m[:4] != b"aaaa": raise SystemExit("not the source's bytes")
    s = os.open(S, os.O_RDWR)
    for n in range(20):
        data = b"N%04d" % n
        os.pwrite(s, data, n * 200000)
        within(lambda: m[n * 200000:n * 200000 + 5], data, "write %d underneath" % n)
    x = mmap.mmap(s, 0)
    x[11:15] = b"mmap"; x.close(); os.close(s)
    within(lambda: m[11:15], b"mmap", "a store underneath")
    os.truncate(S, 4000000); os.truncate(S, 5000000)
    # By read(2) first: the copy may be as short as the source was, and a load beyond its end is SIGBUS there as it would be here.
    within(lambda: os.pread(f, 4, 4500000), b"\0\0\0\0", "a hole underneath")
    within(lambda: m[4500000:4500004], b"\0\0\0\0", "a hole underneath, mapped")
    with open(S, "ab") as a: a.write(b"tail")
    within(lambda: os.pread(f, 10, 5000000), b"tail", "an append underneath")
    took.sort()
    print("copies follow after %.1f ms (median), %.1f ms (worst)" % (took[len(took) // 2], took[-1]))
    """#

/// Two files, of which the limit holds one. Arguments: source, mount, foliofs.
let stagedLimit = #"""
    import ctypes, json, os, subprocess, sys
    S, M, FOLIOFS = sys.argv[1:4]
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    def status(): return json.loads(subprocess.check_output([FOLIOFS, "status", M, "--json"]))
    def mapped(name):
        f = os.open(M + "/" + name, os.O_RDONLY)
        address = libc.mmap(None, 6000000, 1, 1, f, 0)
        os.close(f)
        return address
    def right(name, address):
        if ctypes.string_at(address, 6000000) != open(S + "/" + name, "rb").read(): raise SystemExit(name + " differs")
    a = mapped("a"); right("a", a)
    b = mapped("b"); right("b", b); right("a", a)
    found = status()
    if found["counters"]["staged"] != 1 or found["stagedBytes"] > 8 << 20: raise SystemExit("%r" % found)
    libc.munmap(a, 6000000); libc.munmap(b, 6000000)
    b = mapped("b"); right("b", b)
    found = status()
    if found["counters"]["staged"] != 2 or found["counters"]["evictions"] != 1: raise SystemExit("afterwards: %r" % found)
    """#

/// Changes made through the mount, after each of which source and mount must be the same at once, however long the kernel keeps
/// what it was told. Arguments: source, mount, and "passthrough" or "cache".
let changesThroughTheMount = #"""
    import errno, mmap, os, subprocess, sys
    S, M = sys.argv[1], sys.argv[2]
    NAMES = [".", "a", "b", "c", "d", "d/x", "d/e", "d/e/z", "d2", "link", "fifo", "new"]
    for d in ("d", "d/e"): os.mkdir(S + "/" + d)
    for f in ("a", "b", "c", "d/x", "d/e/z"): open(S + "/" + f, "w").write(f * 5000)
    os.symlink("a", S + "/link")
    def tell(s): return (s.st_ino, s.st_mode, s.st_nlink, s.st_uid, s.st_gid, s.st_size, s.st_blocks, s.st_mtime_ns, s.st_ctime_ns)
    def tried(call, *arguments):
        try: return call(*arguments)
        except OSError as error: return errno.errorcode[error.errno]
    def read(path):
        if os.path.islink(path): return os.readlink(path)
        if os.path.isdir(path): return sorted(os.listdir(path))
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as f: return f.read()
    def see(root): return [(n, tried(lambda: tell(os.lstat(root + "/" + n))), tried(read, root + "/" + n)) for n in NAMES]
    def change(what, act):
        see(M); see(M)
        act()
        found = see(M); wanted = see(S)
        if found != wanted:
            raise SystemExit("%s:\n%s" % (what, "\n".join("  %r %r, wanted %r" % (f[0], f[1], w[1]) for f, w in zip(found, wanted) if f != w)))
    kept = os.open(M + "/c", os.O_RDWR)
    change("create", lambda: open(M + "/new", "w").write("n"))
    change("write by a descriptor that stays open", lambda: os.pwrite(kept, b"x" * 70000, 100))
    change("truncate", lambda: os.truncate(M + "/a", 10))
    change("ftruncate", lambda: os.ftruncate(kept, 500))
    change("fallocate", lambda: os.posix_fallocate(kept, 0, 100000))
    change("copy_file_range", lambda: os.copy_file_range(os.open(M + "/b", os.O_RDONLY), kept, 4000))
    change("chmod", lambda: os.chmod(M + "/a", 0o640))
    change("chown", lambda: os.chown(M + "/a", 12, 34))
    change("set times", lambda: os.utime(M + "/a", (1e9, 1e9)))
    change("setxattr", lambda: os.setxattr(M + "/a", "trusted.t", b"1"))
    change("removexattr", lambda: os.removexattr(M + "/a", "trusted.t"))
    change("setfacl", lambda: subprocess.check_call(["setfacl", "-m", "u:77:rw", M + "/a"]))
    change("chattr", lambda: subprocess.check_call(["chattr", "+A", M + "/b"]))
    change("rename", lambda: os.rename(M + "/new", M + "/d/e/new"))
    change("rename over", lambda: os.rename(M + "/d/e/new", M + "/b"))
    change("link", lambda: os.link(M + "/a", M + "/d/e/y"))
    change("link by another name", lambda: os.link(M + "/d/e/y", M + "/new"))
    change("write by another name", lambda: open(M + "/new", "a").write("more"))
    change("chmod by another name", lambda: os.chmod(M + "/d/e/y", 0o600))
    change("unlink a name of several", lambda: os.unlink(M + "/new"))
    change("mkfifo", lambda: os.mkfifo(M + "/fifo"))
    change("mkdir", lambda: os.mkdir(M + "/d2"))
    change("rename a directory over an empty one", lambda: os.rename(M + "/d/e", M + "/d2"))
    change("rename a directory away", lambda: os.rename(M + "/d2", M + "/d/e"))
    change("unlink", lambda: os.unlink(M + "/d/e/z"))
    def swap(): os.symlink("b", M + "/l.tmp"); os.rename(M + "/l.tmp", M + "/link")
    change("symbolic link replaced", swap)
    m = mmap.mmap(kept, 0)
    def store(): m[0:6] = b"STORED"
    # From FUSE's own cache the bytes go to the source at msync(2).
    if sys.argv[3] == "passthrough": change("store through a mapping of an open file", store)
    else: store()
    change("msync", lambda: m.flush())
    """#
