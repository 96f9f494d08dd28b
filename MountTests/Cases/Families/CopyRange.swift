/// copy_file_range(2), sendfile(2), splice(2).
let copyRangeFamily = Family(
    "CopyRange",
    [
        .shell(
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
        .shell(
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
        .python(
            "between files, offsets and refusals",
            #"""
            a = os.open("a", os.O_RDWR | os.O_CREAT, 0o600); os.write(a, bytes(range(256)) * 4000); b = os.open("b", os.O_RDWR | os.O_CREAT, 0o600); size = os.fstat(a).st_size
            say(os.copy_file_range(a, b, 1000, 10, 20), os.pread(b, 30, 0)); say(os.copy_file_range(a, b, size, 0, 4096), os.fstat(b).st_size); say(os.copy_file_range(a, b, 5000, size - 100, 0)); say(os.copy_file_range(a, b, 10, size, 0), os.copy_file_range(a, b, 0, 0, 0))
            os.lseek(a, 100, 0); os.lseek(b, 7, 0); say(os.copy_file_range(a, b, 50), os.lseek(a, 0, 1), os.lseek(b, 0, 1))
            r = os.open("b", os.O_RDONLY); p = os.open("b", os.O_WRONLY | os.O_APPEND); w = os.open("a", os.O_WRONLY); d = os.open(".", os.O_RDONLY)
            for what, args in (("to read-only", (a, r, 10)), ("to append", (a, p, 10)), ("from write-only", (w, b, 10)), ("from a directory", (d, b, 10)), ("to a directory", (a, d, 10)), ("overlap", (a, a, 100, 0, 50)), ("same, apart", (a, a, 100, 0, 5000)), ("overlap by another", (a, w, 1000, 0, 500))): attempt(what, os.copy_file_range, *args)
            attempt("flags", libc_call, "copy_file_range", a, None, b, None, ctypes.c_size_t(10), 1); m = mmap.mmap(b, 4096); os.copy_file_range(a, b, 100, 3, 0); say(m[:5]); os.unlink("a"); say(os.copy_file_range(a, b, 10, 0, 0)); say(hashlib.sha256(open("b", "rb").read()).hexdigest())
            """#
        ),
    ])
