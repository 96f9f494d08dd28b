/// fsync(2), fdatasync(2), syncfs(2), msync(2), O_SYNC.
let synchronizeFamily = Family(
    "Synchronize",
    [
        .shell(
            "fsync of everything",
            #"""
            python3 - <<'END'
            import os
            fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o644); os.write(fd, b"x" * 100000); os.fsync(fd); os.fdatasync(fd); d = os.open(".", os.O_RDONLY); os.fsync(d); os.sync_file_range = None; s = os.open("s", os.O_WRONLY | os.O_CREAT | os.O_SYNC, 0o644); os.write(s, b"y" * 5000); ds = os.open("s", os.O_WRONLY | os.O_DSYNC); os.write(ds, b"z"); r = os.open("f", os.O_RDONLY); os.fsync(r); print("done")
            END
            sync -f f; sync -d f s; echo $?
            """#
        ),
        .python(
            "every way to reach the disk",
            #"""
            fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o600); os.write(fd, b"x" * 300000)
            attempt("fsync", os.fsync, fd); attempt("fdatasync", os.fdatasync, fd); attempt("syncfs", libc_call, "syncfs", fd); attempt("range", libc_call, "sync_file_range", fd, ctypes.c_long(0), ctypes.c_long(4096), 7)
            m = mmap.mmap(fd, 300000); m[5:8] = b"abc"; attempt("msync", m.flush); r = os.open("f", os.O_RDONLY); attempt("read-only", os.fsync, r); d = os.open(".", os.O_RDONLY); attempt("directory", os.fsync, d); attempt("its data", os.fdatasync, d); attempt("syncfs of it", libc_call, "syncfs", d)
            os.unlink("f"); attempt("unlinked", os.fsync, fd); p = os.open(".", os.O_PATH); attempt("path", os.fsync, p); os.mkfifo("p"); q = os.open("p", os.O_RDWR); attempt("fifo", os.fsync, q); os.sync()
            for flag in (os.O_SYNC, os.O_DSYNC): s = os.open("s", os.O_WRONLY | os.O_CREAT | flag, 0o600); os.write(s, b"y" * 5000); say(fcntl.fcntl(s, fcntl.F_GETFL) & (os.O_SYNC | os.O_DSYNC) == flag); os.close(s)
            os.mkdir("e"); e = os.open("e", os.O_RDONLY); os.rmdir("e"); attempt("removed directory", os.fsync, e)
            """#
        ),
    ])
