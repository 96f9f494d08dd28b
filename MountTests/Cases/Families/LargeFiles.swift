/// Files past 4 GiB, and sparse ones.
let largeFilesFamily = Family(
    "LargeFiles",
    [
        .shell(
            "sparse files",
            #"""
            truncate -s 64M f; [ "$(stat -c %b f)" -lt 64 ] && echo thin; printf x | dd of=f bs=1 seek=33M conv=notrunc status=none; [ "$(stat -c %b f)" -lt 2048 ] && echo thin
            sha256sum f; cp --sparse=always f g; cmp f g && echo same; tar cSf t.tar f; mkdir x; tar xf t.tar -C x; cmp f x/f && echo same; rm t.tar
            """#
        ),
        .shell(
            "files past 4 GiB",
            #"""
            printf end | dd of=f bs=1 seek=5G status=none; stat -c '%s' f; tail -c 3 f; echo; dd if=f bs=1M skip=4096 count=1 status=none | sha256sum
            truncate -s 100 f; truncate -s 17T f; echo $?; stat -c %s f; rm -f f
            """#
        ),
        .python(
            "past 2 and 4 GiB, and to the end of what can be addressed",
            #"""
            def size(fd):
                n = os.fstat(fd).st_size; return n
            fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o600)
            for at in ((1 << 31) - 3, (1 << 32) - 3, 1 << 33, (1 << 40) + 5, (1 << 43), (1 << 44) - 4096, (1 << 44) - 4, 1 << 44, 1 << 50, 1 << 62, (1 << 63) - 4097, (1 << 63) - 3, (1 << 63) - 1):
                attempt("write %x" % at, os.pwrite, fd, b"here!!", at); say(size(fd)); attempt("read", lambda: os.pread(fd, 10, at)); attempt("before", lambda: os.pread(fd, 4, at - 4))
            attempt("end", os.lseek, fd, 0, 2); attempt("data", os.lseek, fd, 1 << 33, os.SEEK_DATA); attempt("map", lambda: mmap.mmap(fd, 4096, offset=1 << 33)[:6]); say(os.fstat(fd).st_blocks < 100000); os.ftruncate(fd, 7); say(size(fd)); os.lseek(fd, (1 << 32) - 2, 0); os.write(fd, b"across"); say(size(fd), os.pread(fd, 6, (1 << 32) - 2)); os.ftruncate(fd, 0)
            for n in ((1 << 44) - 4096, (1 << 44) - 1, 1 << 44, 1 << 60, (1 << 63) - 1): attempt("truncate %x" % n, os.ftruncate, fd, n); say(size(fd)); os.ftruncate(fd, 0)
            os.unlink("f")
            """#
        ),
    ])
