/// What the Python scripts of the families begin with.
let familyPrelude = #"""
    import ctypes, errno, fcntl, hashlib, mmap, os, resource, signal, socket, stat, struct, subprocess, sys, time
    libc = ctypes.CDLL(None, use_errno=True)
    os.umask(0o022)
    def say(*words): print(*words, flush=True)
    def error(e): return errno.errorcode.get(e.errno, str(e)) if isinstance(e, OSError) and e.errno else type(e).__name__
    def libc_call(name, *args):
        "A call of libc whose -1 becomes an OSError; success says nothing but a size."
        result = getattr(libc, name)(*args)
        if result == -1: raise OSError(ctypes.get_errno(), name)
        return result or None
    def attempt(what, call, *args, **named):
        "Says what came of a call: its result or the errno."
        try: result = call(*args, **named)
        except (OSError, ValueError, OverflowError) as e: say(what, error(e)); return None
        say(what, "done" if result is None else "opened" if call is os.open else result); return result
    def attempt_quiet(what, call, *args):
        try: return call(*args)
        except OSError as e: say(what, error(e))
    def quiet(call):
        try: call(); return True
        except OSError: return False
    def in_child(body):
        "Runs body in a child and waits for it."
        pid = os.fork()
        if pid == 0:
            try: body()
            except BaseException as e: say("child", error(e))
            os._exit(0)
        os.waitpid(pid, 0)
    def as_user(user, group, groups, body):
        "Runs body in a child with these ids and no capabilities."
        def enter(): os.setgroups(groups); os.setresgid(group, group, group); os.setresuid(user, user, user); body()
        in_child(enter)
    def until(condition, seconds=10):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end: say("not so after", seconds, "s"); return
            time.sleep(0.005)
    def blocked(pid): until(lambda: open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[0] in "SD" and open("/proc/%d/syscall" % pid).read().split()[0] in ("72", "73"))

    """#
