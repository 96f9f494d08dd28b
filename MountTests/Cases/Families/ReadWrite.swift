/// read(2) and write(2).
let readWriteFamily = Family(
    "ReadWrite",
    [
        .shell(
            "reads and writes of every shape",
            #"""
            python3 - <<'END'
            import os, hashlib, random
            random.seed(7); fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o644); model = bytearray()
            for i in range(400):
                at, data = random.randrange(0, 5000000), bytes([i % 256]) * random.choice((1, 100, 4096, 65537, 300000))
                if i % 10 == 9: at = min(at, len(model)); os.ftruncate(fd, at); del model[at:]
                if len(model) < at: model.extend(bytes(at - len(model)))
                model[at:at + len(data)] = data
                os.pwritev(fd, [data[:7], data[7:]], at)
                r, n = random.randrange(0, 6000000), random.randrange(0, 200000)
                assert os.pread(fd, n, r) == bytes(model[r:r + n]), i
            print(os.fstat(fd).st_size == len(model), hashlib.sha256(open("f", "rb").read()).digest() == hashlib.sha256(model).digest()); b = [bytearray(10), bytearray(20)]; print(os.preadv(fd, b, 100), os.read(fd, 0), os.pread(fd, 10, 99999999))
            END
            for bs in 1000 4097 1M; do dd if=f bs=$bs status=none | sha256sum; done
            """#
        ),
        .shell(
            "replaced while it is read",
            #"""
            python3 - <<'END'
            import os
            open("f", "wb").write(b"old" * 1000000); fd = os.open("f", os.O_RDONLY); open("n", "wb").write(b"new" * 1000000); os.rename("n", "f"); print(os.pread(fd, 3, 0), open("f", "rb").read(3), os.fstat(fd).st_nlink); os.unlink("f"); print(os.pread(fd, 3, 2999997))
            a = open("g", "wb"); a.write(b"x" * 2500000); a.flush(); b = open("g", "rb"); print(len(b.read())); a.write(b"y" * 10); a.flush(); print(b.read()); a.truncate(5); print(b.read(), os.fstat(b.fileno()).st_size)
            END
            """#
        ),
    ])
