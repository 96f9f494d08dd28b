/// mmap(2).
let mappingsFamily = Family(
    "Mappings",
    [
        .shell(
            "shared mapping",
            #"""
            head -c 5000000 /dev/zero | tr '\0' c > f
            python3 - <<'END'
            import mmap, os
            fd = os.open("f", os.O_RDWR); m = mmap.mmap(fd, 0); m[0:5] = b"hello"; m[4999995:5000000] = b"world"; m.flush(); print(os.pread(fd, 5, 0), os.pread(fd, 5, 4999995), open("f", "rb").read(6))
            os.pwrite(fd, b"through", 2500000); print(m[2500000:2500007]); other = mmap.mmap(os.open("f", os.O_RDONLY), 0, prot=mmap.PROT_READ); print(other[0:5], other[2500000:2500007]); m[100:103] = b"xyz"; print(other[100:103]); other.close(); m.close()
            p = mmap.mmap(fd, 4096, flags=mmap.MAP_PRIVATE); p[0:3] = b"NOT"; print(os.pread(fd, 3, 0))
            END
            sha256sum f
            """#
        ),
        .shell(
            "mapping and truncation",
            #"""
            python3 - <<'END'
            import mmap, os, signal
            fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o644); os.write(fd, b"q" * 3000000); m = mmap.mmap(fd, 3000000); os.ftruncate(fd, 1000)
            pid = os.fork()
            if pid == 0:
                m[2000000]; os._exit(0)
            print(os.waitpid(pid, 0)[1] == signal.SIGBUS); print(m[999], m[1500]); os.ftruncate(fd, 3000000); print(m[999], m[2000000]); m[2000000:2000003] = b"abc"; m.flush(); print(os.pread(fd, 3, 2000000))
            END
            """#
        ),
    ])
