/// lseek(2) with SEEK_DATA and SEEK_HOLE.
let seekRangesFamily = Family(
    "SeekRanges",
    [
        .shell(
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
        .python(
            "holes of what is being written, punched and unlinked",
            #"""
            def ranges(fd):
                found = []; at = 0
                while True:
                    try: data = os.lseek(fd, at, os.SEEK_DATA)
                    except OSError as e: found.append(error(e)); return found
                    at = os.lseek(fd, data, os.SEEK_HOLE); found.append((data, at))
            fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o600); say(ranges(fd)); os.ftruncate(fd, 1 << 20); say(ranges(fd)); os.pwrite(fd, b"z" * 65536, 1 << 18); os.fsync(fd); say(ranges(fd))
            libc.fallocate(fd, 3, ctypes.c_long(1 << 18), ctypes.c_long(32768)); os.fsync(fd); say(ranges(fd)); os.unlink("f"); say(ranges(fd))
            for where in (-1, 0, 1 << 18, 1 << 20, 1 << 21):
                for whence in (3, 4, 5, 9): attempt("%d %d" % (where, whence), os.lseek, fd, where, whence)
            say(os.lseek(fd, 5, 0), os.lseek(fd, 5, 1), os.lseek(fd, -5, 2)); attempt("before the start", os.lseek, fd, -20, 0); w = os.open("w", os.O_WRONLY | os.O_CREAT, 0o600); os.write(w, b"q" * 10000); os.fsync(w); say(ranges(w))
            open("e", "w").close(); say(ranges(os.open("e", os.O_RDONLY)))
            """#
        ),
    ])
