import Glibc

/// What is wrong with the source reaches the caller as it is; nothing hangs, and the daemon lives.
let sourceErrorCases: [TestCase] =
    ["native", "staged", "plain"].map { route in
        TestCase("SourceErrors/\(route), a full source is ENOSPC, by write and by mapping") { try full($0, route) }
    }
    + [
        TestCase("SourceErrors/a quota is EDQUOT for its user, btrfs") { bench in
            let place = try bench.loop("mkfs.btrfs -q -f", megabytes: 300, name: "btrfs")
            let prepared = try bash(
                "btrfs quota enable . && btrfs subvolume create sub && btrfs qgroup limit 8M sub && chmod 777 sub",
                in: place)
            guard prepared.status == 0 else { throw Skip("no btrfs quotas: \(prepared.lines.last ?? "")") }
            try overQuota(bench, place, "sub")
        },
        TestCase("SourceErrors/a quota is EDQUOT for its user, ext4") { bench in
            guard
                let place = try? bench.loop(
                    "mkfs.ext4 -q -F -O quota", megabytes: 100, name: "ext4", options: "loop,usrquota")
            else { throw Skip("no ext4 with quotas; needs a kernel with CONFIG_QFMT_V2") }
            try require("setquota -u 4242 0 8192 0 0 . && mkdir -m 777 sub", in: place)
            try overQuota(bench, place, "sub")
        },
        TestCase("SourceErrors/a quota is EDQUOT for its user, tmpfs") { bench in
            let place = try bench.make("tmpfs")
            let mounted = try bash("mount -t tmpfs -o usrquota,usrquota_block_hardlimit=8M none .", in: place)
            guard mounted.status == 0 else { throw Skip("no quotas on tmpfs; needs Linux 6.6 with CONFIG_TMPFS_QUOTA") }
            try require("mkdir -m 777 sub", in: place)
            try overQuota(bench, place, "sub")
        },
        TestCase("SourceErrors/a disk that loses blocks is EIO to readers, SIGBUS to mappings") { try lostBlocks($0) },
        TestCase("SourceErrors/a disk that takes no writes is an error at fsync") { bench in
            // A journal that cannot be written ends a filesystem for good: one for each way.
            let fill = "timeout 60 dd if=/dev/zero of=f bs=1M count=100 conv=fsync status=none"
            let native = try bash(fill, in: try starved(bench, "native"), timeout: 70)
            try expect(native.text.hasPrefix("dd: fsync failed"), "the source itself: \(native.text)")
            try served(bench, source: try starved(bench, "source")) { mount in
                let mounted = try bash(fill, in: mount.path, timeout: 70)
                try expectEqual(mounted.text, native.text, "dd with fsync")
                try alive(mount)
            }
            _ = try bash("umount -l native source native-disk source-disk", in: bench.directory)
        },
        TestCase("SourceErrors/a source remounted read-only is EROFS") { bench in
            let place = try bench.loop("mkfs.ext4 -q -F", megabytes: 32, name: "ext4")
            try require("echo hi > f; mkdir d", in: place)
            try served(bench, source: place) { mount in
                try require("cat f; touch f; echo x > g; ls d", in: mount.path)
                try require("mount -o remount,ro \"$P\"", environment: ["P": place])
                let said = try bash(
                    "echo x > new; echo x >> f; rm f; mkdir e; rmdir d; chmod 600 f; truncate -s 0 f; mv f h; ln f h; ln -s a b; setfattr -n user.a -v b f; touch f; cat f",
                    in: mount.path)
                try expectEqual(
                    said.lines.filter { $0.contains("Read-only file system") }.count, 12, "refusals in \(said.text)")
                try expectEqual(said.lines.last, "hi", "the file")
                try require("mount -o remount,rw \"$P\"", environment: ["P": place])
                try require("echo again > f; cat f; rm g; mkdir e", in: mount.path)
            }
            try require("umount \"$P\"", environment: ["P": place])
        },
        TestCase("SourceErrors/what is removed underneath is ENOENT or ESTALE, and what is open goes on") { bench in
            let source = try bench.make("source")
            try require("mkdir -p d/e; echo hi > d/e/f; echo held > held", in: source)
            try served(bench, source: source) { mount in
                let said = try bash(
                    """
                    exec 3< held 4>> held 5< d/e/f; cd d/e; cat f; rm -r "$S/d" "$S/held"
                    cat <&3; echo more >&4; stat -L -c %h /dev/fd/4; cat <&5; for i in $(seq 1 40); do ls > /dev/null 2>&1; read -t 0.05 < <(:); done
                    echo x > new; mkdir sub; cat f; ls -d ../..; cd "$M"; cat d/e/f; ls
                    """, in: mount.path, environment: ["S": source, "M": mount.path])
                try expectEqual(Array(said.lines.prefix(4)), ["hi", "held", "0", "hi"], "what is open: \(said.text)")
                let refusals = said.lines.filter {
                    $0.contains("No such file or directory") || $0.contains("Stale file handle")
                }
                try expect(refusals.count >= 4, "refusals in \(said.text)")
                try alive(mount)
            }
        },
        TestCase("SourceErrors/a source that is renamed is served, one that is removed or replaced is not") { bench in
            let source = try bench.make("source")
            try require("echo hi > f; mkdir d; echo there > d/g", in: source)
            try served(bench, source: source) { mount in
                try require("cat f d/g", in: mount.path)
                try require("mv source elsewhere; mkdir source; echo other > source/f", in: bench.directory)
                try expectEqual(
                    try require("cat f d/g; echo new > h; ls", in: mount.path), "hi\nthere\nd\nf\nh\n",
                    "after the rename")
                try expectEqual(try require("cat elsewhere/h; ls source", in: bench.directory), "new\nf\n", "the two")
                try require("rm -r elsewhere", in: bench.directory)
                let said = try bash(
                    "timeout 5 bash -c 'echo x > new'; timeout 5 mkdir e; timeout 5 touch f; timeout 5 cat nothing; timeout 5 ls; echo $?",
                    in: mount.path)
                try expect(!said.lines.contains("124"), "something hangs: \(said.text)")
                try expectEqual(try require("ls source", in: bench.directory), "f\n", "the source that took its place")
                try alive(mount)
            }
        },
        TestCase("SourceErrors/a source unmounted and made anew underneath neither hangs nor crashes") { bench in
            let place = try bench.loop("mkfs.ext4 -q -F", megabytes: 64, name: "ext4")
            try require(
                "mkdir d; for i in $(seq 1 200); do echo $i > d/f$i; done; head -c 20M /dev/urandom > big; sync",
                in: place)
            try served(bench, source: place) { mount in
                try require("cat d/f1 d/f2; head -c 100 big | wc -c; exec 3< big", in: mount.path)
                let busy = try bash("umount \"$P\"", environment: ["P": place])
                try expect(busy.status != 0, "the source of a mount can be unmounted")
                try require(
                    "umount -l ext4; mkfs.ext4 -q -F ext4.img; mount -o loop ext4.img ext4; echo new > ext4/f",
                    in: bench.directory)
                let said = try bash(
                    """
                    t() { timeout 10 "$@" > /dev/null 2>&1; [ $? = 124 ] && echo "HANGS: $*"; }
                    for i in $(seq 1 60); do t cat d/f$i; done; t cat big; t touch new; t mkdir e; t rm d/f3; t mv d/f4 d/x; t ls -lR; t stat -f .; t sync -f .; t dd if=/dev/zero of=out bs=1M count=4 conv=fsync; true
                    """, in: mount.path)
                try expect(!said.text.contains("HANGS"), said.text)
                try expectEqual(try require("cat f", in: place), "new\n", "the new filesystem")
                try alive(mount)
            }
            _ = try bash("umount -l \"$P\"", environment: ["P": place])
        },
    ]

/// Whether the daemon still answers.
private func alive(_ mount: ServedMount) throws {
    let answer = try bash("timeout 10 stat -f . > /dev/null; echo $?", in: mount.path)
    try expect(!mount.daemon.hasEnded(), "the daemon ended with \(mount.daemon.ended ?? -1): \(mount.said)")
    try expect(answer.text != "124\n", "the mount hangs")
}

/// A filesystem on a disk that ends before it does.
private func starved(_ bench: Workbench, _ name: String) throws -> String {
    try require(
        """
        mkdir $N $N-disk; mount -t tmpfs -o size=24M none $N-disk; truncate -s 200M $N-disk/image; mkfs.ext4 -q -F $N-disk/image
        mount -o loop $N-disk/image $N
        """, in: bench.directory, environment: ["N": name])
    return bench.directory + "/" + name
}

private func full(_ bench: Workbench, _ route: String) throws {
    let place = try bench.loop("mkfs.ext4 -q -F -m 0 -N 3000", megabytes: 32, name: "ext4")
    let script = """
        import ctypes, errno, mmap, os, signal, sys
        def tried(call, *arguments):
            try: return call(*arguments)
            except OSError as e: return errno.errorcode[e.errno]
        os.chdir(sys.argv[1]); old = os.open("old", os.O_RDWR | os.O_CREAT); os.pwrite(old, b"o" * 3000000, 0); os.fsync(old)
        sparse = os.open("sparse", os.O_RDWR | os.O_CREAT); os.ftruncate(sparse, 64 << 20)
        f = os.open("fill", os.O_WRONLY | os.O_CREAT); said = 0
        while not isinstance(said, str): said = tried(os.write, f, b"x" * 65536)
        while tried(os.write, f, b"x" * 512) == 512: pass
        for n in range(20000):
            made = tried(os.mkdir, "d%d" % n)
            if made: break
        for d in range(n): os.rmdir("d%d" % d)
        print(said, made, tried(os.posix_fallocate, f, 0, 64 << 20), flush=True)
        child = os.fork()
        if child == 0:
            m = mmap.mmap(sparse, 64 << 20)
            for at in range(0, 64 << 20, 4096): m[at] = 1
            os._exit(0)
        print("mapped stores end by", os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGBUS)
        os.pwrite(old, b"n" * 4096, 4096); print(os.pread(old, 2, 4096), tried(os.fsync, old))
        os.close(f); os.unlink("fill"); os.unlink("sparse"); os.close(sparse); os.sync(); g = os.open("g", os.O_WRONLY | os.O_CREAT); print(os.write(g, b"x" * 65536)); os.fsync(g)
        """
    let native = try run(["python3", "-c", script, place])
    try require("rm -rf g old", in: place)
    try expect(native.text.hasPrefix("ENOSPC ENOSPC ENOSPC"), "the source itself: \(native.text)")
    try served(bench, source: place, ["--route", route]) { mount in
        let mounted = try run(["python3", "-c", script, mount.path])
        try expectEqual(mounted.text, native.text, "what the script said")
    }
    try require("umount \"$P\"", environment: ["P": place])
}

private func overQuota(_ bench: Workbench, _ place: String, _ sub: String) throws {
    let user = ["setpriv", "--reuid", "4242", "--regid", "4242", "--clear-groups", "/bin/bash", "-c"]
    let fill = """
        cd "$0"; dd if=/dev/zero of=f bs=64k count=400 2>&1 | grep -o 'quota exceeded'; [ $(stat -c %s f) -lt 12000000 ] && echo within
        fallocate -l 20M g 2>&1 | grep -o 'quota exceeded'; rm -f f g; sync -f .; echo small > h && cat h; rm h
        """
    let native = try run(user + [fill, place + "/" + sub])
    try expect(native.text.hasPrefix("quota exceeded\nwithin\n"), "the source itself: \(native.text)")
    try require("sync -f .", in: place)
    try served(bench, source: place) { mount in
        let mounted = try run(user + [fill, mount.path + "/" + sub])
        try expectEqual(mounted.text, native.text, "what the script said")
    }
    try require("umount \"$P\"", environment: ["P": place])
}

private func lostBlocks(_ bench: Workbench) throws {
    let place = try bench.loop("mkfs.ext4 -q -F", megabytes: 192, name: "ext4")
    try require(
        "head -c 40M /dev/zero | tr '\\0' a > filler; sync; head -c 40M /dev/zero | tr '\\0' b > file; chmod 755 file; cp file other; sync",
        in: place)
    for route in ["native", "staged", "plain"] {
        try served(bench, source: place, at: "mnt-" + route, ["--route", route]) { mount in
            // The directory is known, the content is not cached, and the far half of the disk is gone.
            try require("stat file other", in: mount.path)
            try require(
                """
                cp --sparse=always ext4.img whole; python3 - ext4/file ext4/other <<'END'
                import os, sys
                for path in sys.argv[1:]: f = os.open(path, os.O_RDONLY); os.fsync(f); os.posix_fadvise(f, 0, 0, os.POSIX_FADV_DONTNEED)
                END
                truncate -s 48M ext4.img; blockdev --flushbufs $(findmnt -no SOURCE -M "$PWD/ext4")
                """, in: bench.directory)
            let said = try bash(
                """
                python3 - <<'END'
                import errno, mmap, os, signal
                f = os.open("file", os.O_RDONLY); size = os.fstat(f).st_size; failed = set()
                for at in range(0, size, 1 << 20):
                    try: os.pread(f, 4096, at)
                    except OSError as e: failed.add(errno.errorcode[e.errno])
                print(failed)
                child = os.fork()
                if child == 0:
                    m = mmap.mmap(f, size, prot=mmap.PROT_READ); sum(m[at] for at in range(0, size, 4096)); os._exit(0)
                print(os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGBUS)
                END
                """, in: mount.path)
            try expectEqual(said.lines, ["{'EIO'}", "True"], "reads by route \(route)")
            let promoted = try bench.cli("promote", mount.path + "/file", mount.path + "/other", "--wait", timeout: 40)
            try expect(promoted.status <= 1, "promote: \(promoted.status) \(promoted.text)")
            try alive(mount)
            try require(
                "truncate -s 192M ext4.img; dd if=whole of=ext4.img conv=notrunc,sparse bs=1M status=none; blockdev --flushbufs $(findmnt -no SOURCE -M $PWD/ext4)",
                in: bench.directory)
        }
    }
    _ = try bash("umount -l \"$P\"", environment: ["P": place])
}
