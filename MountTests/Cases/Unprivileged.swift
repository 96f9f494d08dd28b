import Glibc

/// Mounts made by an ordinary user through fusermount3.
let unprivilegedCases: [TestCase] = [
    TestCase("Unprivileged/files through the mount are as in the source", limit: 120) { bench in
        let user = try OtherUser(bench)
        try user.require("mkdir source twin mnt")
        try user.require("\"$FOLIOFS\" mount source mnt")
        let mounted = try user.bash(userScript, in: user.home + "/mnt")
        let native = try user.bash(userScript, in: user.home + "/twin")
        try expectEqual(mounted.lines, native.lines, "what the script said")
        try expectEqual(mounted.status, 0, "the script: \(mounted.text)")
        try expectEqual(
            try require("cd source; find . -printf '%p %y %m %s %U %n %l\n' | sort", in: user.home),
            try require("cd twin; find . -printf '%p %y %m %s %U %n %l\n' | sort", in: user.home),
            "the trees afterwards")
        try require("rm source/{p,sock} twin/{p,sock}; diff -r --no-dereference source twin", in: user.home)
        try user.require("\"$FOLIOFS\" unmount mnt")
        try expect(MountPoint.at(user.home + "/mnt") == nil, "still mounted")
    },
    TestCase("Unprivileged/status, unmount and fusermount3 -u by the user, status by root") { bench in
        let user = try OtherUser(bench)
        try user.require("mkdir source mnt; echo hi > source/f; \"$FOLIOFS\" mount source mnt; cat mnt/f")
        let place = user.home + "/mnt"
        let seen = try JSON(user.require("\"$FOLIOFS\" status mnt --json"))
        try expectEqual(seen["source"]?.string, user.home + "/source", "source in status")
        try expect(seen["passthrough"] == .boolean(false), "passthrough in status")
        try expectEqual(try bench.cli("status", place, "--json").status, 0, "status by root")
        let busy = try user.bash("exec 3< mnt/f; \"$FOLIOFS\" unmount mnt")
        try expectEqual(busy.status, 1, "unmount of a busy mount: \(busy.text)")
        try oneLine(busy, containing: "EBUSY", "--lazy")
        try user.require("\"$FOLIOFS\" unmount mnt")
        try expect(MountPoint.at(place) == nil, "still mounted")
        try user.require("\"$FOLIOFS\" mount source mnt; cat mnt/f; fusermount3 -u mnt")
        try expect(MountPoint.at(place) == nil, "still mounted after fusermount3 -u")
        try user.require("\"$FOLIOFS\" mount source mnt; \"$FOLIOFS\" unmount --lazy mnt")
        try expect(MountPoint.at(place) == nil, "still mounted after a lazy unmount")
        try user.require(
            "\"$FOLIOFS\" mount source mnt --foreground & P=$!; until grep -q \" $PWD/mnt \" /proc/self/mountinfo; do read -t 0.05 < <(:) || :; done; cat mnt/f; kill $P; wait $P"
        )
        try expect(MountPoint.at(place) == nil, "still mounted after SIGTERM")
    },
    TestCase("Unprivileged/a mount of root is not the user's to end") { bench in
        let user = try OtherUser(bench)
        let source = try bench.make("source")
        try user.require("mkdir mnt")
        let mount = try ServedMount(bench, source: source, at: "mnt")
        let refused = try user.bash("\"$FOLIOFS\" unmount \"$M\"", environment: ["M": mount.path])
        try expectEqual(refused.status, 1, "unmount: \(refused.text)")
        try oneLine(refused, containing: "EPERM", "as root")
        try mount.unmount()
    },
    TestCase("Unprivileged/the user's mount is the user's alone, with allow_other also others'") { bench in
        let user = try OtherUser(bench)
        try user.require("mkdir source mnt; echo hi > source/f; chmod 644 source/f; \"$FOLIOFS\" mount source mnt")
        let other = ["setpriv", "--reuid", "4243", "--regid", "4243", "--clear-groups"]
        try expect(try run(other + ["cat", user.home + "/mnt/f"]).status != 0, "another user reads the mount")
        try user.require("\"$FOLIOFS\" unmount mnt")
        let refused = try user.bash("\"$FOLIOFS\" mount source mnt -o allow_other")
        try expectEqual(refused.status, 4, "allow_other without user_allow_other: \(refused.text)")
        try oneLine(refused, containing: "allow_other", "/etc/fuse.conf", "EPERM")
        try require("echo user_allow_other > conf; mount --bind conf /etc/fuse.conf", in: bench.directory)
        defer { umount2("/etc/fuse.conf", 2) }
        try user.require(
            "mkdir -m 777 source/open; echo no > source/closed; chmod 600 source/closed; \"$FOLIOFS\" mount source mnt -o allow_other"
        )
        try expectEqual(try run(other + ["cat", user.home + "/mnt/f"]).text, "hi\n", "another user reads")
        try expect(
            try run(other + ["cat", user.home + "/mnt/closed"]).status != 0, "another user reads what is closed")
        // The server cannot make files as somebody else, and does not make them as itself either.
        let made = try run(other + ["/bin/bash", "-c", "echo x > \"$0\"", user.home + "/mnt/open/f"])
        try expect(made.text.contains("Operation not permitted"), "a file made by another user: \(made.text)")
        try expect(!exists(user.home + "/source/open/f"), "it was made")
        try user.require("\"$FOLIOFS\" unmount mnt")
    },
    TestCase("Unprivileged/what cannot be is said in one line") { bench in
        let user = try OtherUser(bench)
        try user.require("mkdir source mnt closed; chmod 500 closed; mkdir -m 000 hidden")
        try require("mkdir -m 755 roots; mkdir -m 1777 sticky", in: user.home)
        for (arguments, words) in [
            ("source roots", ["roots", "EACCES", "write"]), ("source sticky", ["sticky", "EPERM", "sticky"]),
            ("source closed", ["closed", "EACCES"]), ("hidden mnt", ["hidden", "EACCES", "read"]),
        ] {
            for extra in ["", " --foreground"] {
                let refused = try user.bash("\"$FOLIOFS\" mount \(arguments)\(extra)", timeout: 15)
                try expect(refused.status == 1, "exit \(refused.status) of mount \(arguments): \(refused.text)")
                try expectEqual(refused.lines.count, 1, "lines of \(refused.text)")
                for word in words {
                    try expect(
                        refused.text.contains(word), "no \(word) in the error of mount \(arguments): \(refused.text)")
                }
            }
        }
        // Without the program that mounts, or with one that has no rights.
        try require("install -m 755 /usr/bin/fusermount3 weak", in: bench.directory)
        for (preparation, words) in [
            ("mount --bind \"$B/weak\" /usr/bin/fusermount3", ["EPERM", "set-user-id", "sudo"]),
            ("chmod 0 \"$B/weak\"; mount --bind \"$B/weak\" /usr/bin/fusermount3", ["EPERM", "fusermount3", "fuse3"]),
            ("mount -t tmpfs none /dev; mknod -m 666 /dev/null c 1 3", ["/dev/fuse", "ENOENT"]),
            ("mount --bind \"$B/weak\" /dev/fuse", ["/dev/fuse", "EACCES"]),
        ] {
            let refused = try run(
                [
                    "unshare", "--mount", "/bin/bash", "-ec",
                    preparation
                        + "; exec setpriv --reuid 4242 --regid 4242 --clear-groups \"$F\" mount \"$H/source\" \"$H/mnt\"",
                ], environment: ["B": bench.directory, "F": user.foliofs, "H": user.home], timeout: 15)
            try expect(refused.status == 4, "exit \(refused.status) after \(preparation): \(refused.text)")
            try oneLine(refused)
            for word in words {
                try expect(refused.text.contains(word), "no \(word) after \(preparation): \(refused.text)")
            }
        }
        // What is asked for and cannot be had is told, and the rest works.
        let staged = try user.bash(
            "\"$FOLIOFS\" mount source mnt --route staged && touch mnt/f && \"$FOLIOFS\" unmount mnt")
        try expectEqual(staged.status, 0, "mount --route staged: \(staged.text)")
        try expect(staged.text.contains("need root"), "not a word about staging: \(staged.text)")
        let doctor = try user.bash("\"$FOLIOFS\" doctor")
        try expectEqual(doctor.status, 0, "doctor: \(doctor.text)")
        for word in ["fusermount3", "passthrough", "staged", "user_allow_other"] {
            try expect(doctor.text.contains(word), "doctor does not speak of \(word): \(doctor.text)")
        }
    },
    TestCase("Unprivileged/killed, a mount is removed by the user") { bench in
        let user = try OtherUser(bench)
        try user.require("mkdir source mnt")
        try user.require(
            """
            "$FOLIOFS" mount source mnt; echo kept > mnt/f
            for p in /proc/[0-9]*; do [ "$(readlink $p/exe)" = "$FOLIOFS" ] && kill -9 ${p#/proc/}; done
            until ! cat mnt/f 2>/dev/null; do :; done
            "$FOLIOFS" unmount mnt; cat source/f; "$FOLIOFS" mount source mnt; cat mnt/f; "$FOLIOFS" unmount mnt
            """)
    },
    TestCase("Unprivileged/root in a user namespace mounts by itself") { bench in
        let user = try OtherUser(bench)
        try user.require("mkdir source mnt")
        let said = try user.bash(
            """
            unshare --user --map-root-user --mount bash -ec '
            "$FOLIOFS" mount source mnt 2>/dev/null; cd mnt; echo hi > f; mkdir d; mv f d/g; cat d/g; ln d/g h; stat -c "%n %U %h" h; chmod 600 h; setfattr -n user.a -v b h
            getfattr --only-values -n user.a h; python3 -c "import mmap,os; m=mmap.mmap(os.open(\\"h\\",2),3); m[0:1]=b\\"H\\"; m.flush()"; cat d/g; cp /bin/true t; ./t; cd ..
            "$FOLIOFS" unmount mnt' && cat source/h && stat -c %U source/h
            """)
        if said.text.contains("unshare failed") {
            throw Skip("no user namespaces; sysctl kernel.unprivileged_userns_clone=1 and user.max_user_namespaces")
        }
        try expectEqual(said.lines, ["hi", "h root 2", "bHi", "Hi", "foliofs-test"], "what it said")
    },
]

/// What a user does with files, and what came of it.
private let userScript = """
    exec 2>&1
    umask 027; echo one > a; mkdir d; echo two > d/b; cat a d/b; echo more >> a; cat a
    mv a d/c; mv d/c e; ln e f; ln -s e g; cat g; stat -c '%n %a %h %s %U %G' e f g d d/b
    chmod 640 e; chmod u+s,g+s d; stat -c '%a' e d; chown 0 e; chgrp 0 e; chown 4242:4242 e; echo $?
    touch -d 2001-02-03T04:05:06.789 e; stat -c '%y' e; truncate -s 3 e; cat e; echo; truncate -s 100000 e; stat -c '%s' e
    fallocate -l 8192 h; fallocate -p -o 4096 -l 4096 h; stat -c '%s %b' h
    setfattr -n user.test -v value e; getfattr --only-values -n user.test e; echo; setfattr -x user.test e; setfattr -n trusted.test -v x e; echo $?
    setfacl -m u:0:r e; getfacl -c e; setfacl -b e
    mkfifo p; (echo through > p &); cat p; mknod n c 1 3; echo $?
    printf '#!/bin/sh\\necho ran $1\\n' > s; chmod 755 s; ./s it; cp /bin/ls x; ./x x
    python3 - <<'END'
    import fcntl, mmap, os, socket, struct
    f = os.open("m", os.O_RDWR | os.O_CREAT, 0o600); os.ftruncate(f, 10000); m = mmap.mmap(f, 10000); m[5000:5005] = b"HELLO"; m.flush(); print(os.pread(f, 5, 5000))
    os.pwrite(f, b"world", 5005); print(m[5000:5010]); os.fsync(f); os.fsync(os.open(".", os.O_RDONLY))
    fcntl.flock(f, fcntl.LOCK_EX); g = os.open("m", os.O_RDWR)
    try: fcntl.flock(g, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e: print(e.errno)
    fcntl.lockf(f, fcntl.LOCK_EX, 10)
    if os.fork() == 0:
        try: fcntl.lockf(g, fcntl.LOCK_EX | fcntl.LOCK_NB, 10)
        except OSError as e: print(e.errno, flush=True)
        os._exit(0)
    os.wait(); print(os.lseek(f, 0, os.SEEK_DATA) <= 5000)
    os.link("m", "m2"); os.unlink("m"); print(os.fstat(f).st_nlink, os.listdir("d")); s = socket.socket(socket.AF_UNIX); s.bind("sock")
    os.unlink("m2"); os.write(f, b"still"); print(os.pread(f, 5, 0), os.fstat(f).st_nlink)
    END
    mkdir -m 000 shut; ls shut; rmdir shut; echo x > readonly; chmod 400 readonly; echo y >> readonly; cat readonly; rm -f readonly
    for i in $(seq 1 300); do echo $i > d/n$i; done; ls d | wc -l; cat d/n* | sort -n | tail -1; tar c d | tar t | wc -l; rm d/n*; ls d
    dd if=/dev/zero of=big bs=1M count=20 status=none; sha256sum < big; cp big big2; cmp big big2; rm big2; df . | wc -l; rmdir d; mv d dd; ls
    """
