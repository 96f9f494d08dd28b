/// statfs(2).
let statisticsFamily = Family(
    "Statistics",
    [
        .shell(
            "statfs",
            #"""
            stat -f -c '%s %S %l' .; echo x > f; stat -f -c '%s %S %l' f; df --output=size . | tail -1; [ "$(df --output=avail . | tail -1)" -gt 1 ] && echo room
            """#
        ),
        .python(
            "of files, directories and what is open",
            #"""
            open("f", "w").close(); os.mkdir("d"); a = os.statvfs("f"); b = os.statvfs("d"); fd = os.open("f", os.O_RDONLY); c = os.fstatvfs(fd)
            for s in (a, b, c): say(s.f_bsize, s.f_frsize, s.f_namemax, s.f_blocks > 0, s.f_bavail <= s.f_bfree, s.f_files >= s.f_ffree)
            attempt("none", os.statvfs, "none"); os.unlink("f"); say(os.fstatvfs(fd).f_bsize)
            """#
        ),
    ])
