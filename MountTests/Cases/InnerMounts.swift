import Glibc

/// What is mounted inside the source: crossed, or where the source ends.
let innerMountCases: [TestCase] = [
    TestCase("InnerMounts/crossed: find, du, tar, rsync and git do as on the source") { bench in
        let source = try tree(bench)
        try served(bench, source: source) { mount in
            for command in walks {
                let native = try require(command, in: source)
                try expectEqual(try require(command, in: mount.path), native, command)
                try expect(!native.isEmpty, "nothing was compared by \(command)")
            }
            // Equal numbers would make one file of two; one file on two mounts has one number.
            let twice = "find . ! -type d -links 1 -printf '%D %i\\n' | sort | uniq -d | wc -l"
            try expectEqual(try require(twice, in: mount.path), try require(twice, in: source), "numbers of two files")
            try require("git -C repository fsck --strict && git -C repository diff --exit-code", in: mount.path)
            try require(
                """
                mkdir "$W/tar" "$W/rsync"
                tar -cf - . | tar -xf - -C "$W/tar"; rsync -aHX . "$W/rsync/"
                for copy in tar rsync; do
                    diff -r --no-dereference -x fifo "$S" "$W/$copy"
                    for name in hard other-name; do test "$(stat -c %h "$W/$copy/$name")" = 2; done
                    test "$W/$copy/hard" -ef "$W/$copy/other-name"; test "$W/$copy/tmpfs/hard" -ef "$W/$copy/tmpfs/dir/hard"
                done
                """, in: mount.path, environment: ["S": source, "W": bench.directory])
        }
    },
    TestCase("InnerMounts/crossed: what a mount forbids and what is between two mounts is refused as on the source") {
        bench in
        let source = try tree(bench)
        try served(bench, source: source) { mount in
            let script = """
                echo x > read-only/new; echo x >> read-only/file; rm read-only/file; chmod 600 read-only/file; cat read-only/file
                ln hard tmpfs/link; mkdir tmpfs/sub; mv -n tmpfs/sub moved && ls -d moved && rmdir moved
                python3 -c 'import os; os.rename("hard", "tmpfs/renamed")' 2>&1 | tail -1; rmdir tmpfs; mv tmpfs gone; rmdir bound
                echo in > tmpfs/made && cat tmpfs/made; rm tmpfs/made; cat single; echo y > single; cat single; echo b > single
                """
            let native = try bash(script, in: source)
            try expectEqual(try bash(script, in: mount.path).text, native.text, "what was said")
        }
    },
    TestCase("InnerMounts/one filesystem: the source ends where something is mounted") { bench in
        let source = try tree(bench)
        try require("rm -rf tmpfs/dir/*; umount single; rm single", in: source)
        try served(bench, source: source, ["--one-file-system"]) { mount in
            for command in [
                "find . -xdev -printf '%P %y %m %n %U %G\\n' | grep -v '^ ' | sort", "ls -A repository", "cat hard",
            ] {
                try expectEqual(
                    try require(command.replacing(" -xdev", with: ""), in: mount.path),
                    try require(command + " | grep -vE '^(bound|read-only)/'", in: source), command)
            }
            let refused = try bash(
                """
                ls -A tmpfs bound; cat tmpfs/hard; touch tmpfs/new; mkdir bound/new; ln hard tmpfs/new; mv hard tmpfs/
                chmod 700 tmpfs; setfattr -n user.a -v b tmpfs; rmdir tmpfs; stat -c %F tmpfs
                """, in: mount.path)
            try expectEqual(
                refused.text.components("Invalid cross-device link"), 6, "what was refused: \(refused.text)")
            try expect(refused.text.hasSuffix("directory\n"), "what was said: \(refused.text)")
        }
        try expect(exists(source + "/tmpfs/hard") && !exists(source + "/tmpfs/new"), "the other filesystem was reached")
    },
    TestCase("InnerMounts/one filesystem, as a mount option, with btrfs: subvolumes end it too") { bench in
        let source = try bench.loop("mkfs.btrfs -q", megabytes: 400, name: "source")
        try require(
            "btrfs -q subvolume create sub || btrfs subvolume create sub; mkdir plain; touch sub/f plain/f", in: source)
        try served(bench, source: source, ["-o", "one-file-system"]) { mount in
            try expectEqual(
                try require("find . | sort", in: mount.path), ".\n./plain\n./plain/f\n./sub\n", "what there is")
        }
        try served(bench, source: source, at: "mnt2") { mount in
            try expectEqual(
                try require("find . | sort", in: mount.path), ".\n./plain\n./plain/f\n./sub\n./sub/f\n", "what there is"
            )
            try require(
                "cmp sub/f plain/f; test ! sub/f -ef plain/f; echo x > sub/f; mv sub/f plain/g; test -s plain/g",
                in: mount.path)
        }
    },
    TestCase("InnerMounts/a loop of bind mounts is as deep as on the source") { bench in
        let source = try bench.make("source")
        try require("mkdir -p a/b && echo x > f && mount --bind . a/b", in: source)
        try served(bench, source: source) { mount in
            for command in ["find . | sort", "cat a/b/f", "ls a/b/a/b; cd a/b/a/b; cd ../../..; ls"] {
                try expectEqual(try bash(command, in: mount.path).text, try bash(command, in: source).text, command)
            }
            try require(
                "mkdir a/b/new && test -d new && rmdir new && timeout 5 bash -c 'while test -e a/b/new; do :; done'",
                in: mount.path)
        }
    },
]

/// What walks the tree: output must be that of the source.
private let walks = [
    "find . -printf '%P %y %m %n %U %G %s %l\\n' | grep -v '^ ' | sort",
    "find . -type f -exec sha256sum {} + | sort -k 2", "find . -samefile hard | sort",
    "find tmpfs -samefile tmpfs/hard | sort",
    "du -s --apparent-size --block-size=1 .", "du -a --apparent-size --block-size=1 bound tmpfs repository | sort -k 2",
    "tar -cf - --sort=name --mtime=@0 . | tar -tvf - | sort",
    "git -C repository log --oneline; git -C repository status --short",
    "rsync -aHn --itemize-changes . /nowhere/ | sort",
]

/// A tree with hard links, a repository, and a tmpfs, a bind mount, a read-only one and a file mounted inside.
private func tree(_ bench: Workbench) throws -> String {
    for program in ["git", "rsync", "setfattr"] where try bash("command -v \(program)").status != 0 {
        throw Skip("no \(program); make deps installs it")
    }
    let source = try bench.make("source")
    try require(
        """
        echo first > hard; ln hard other-name; ln -s hard symbolic; mkfifo fifo
        mkdir tmpfs bound read-only repository; echo below > tmpfs/hidden; echo a > single; echo b > ../single
        mount -t tmpfs none tmpfs; mkdir -p tmpfs/dir/sub; echo second > tmpfs/hard; ln tmpfs/hard tmpfs/dir/hard; echo t > tmpfs/dir/sub/f
        mkdir ../other; echo third > ../other/file; mkdir ../other/deep; mount --bind ../other bound
        mount --bind ../other read-only; mount -o remount,bind,ro read-only; mount --bind ../single single
        cd repository; git init -q .; for i in $(seq 50); do echo $i > file$i; done; git add .
        git -c user.name=n -c user.email=e commit -qm one
        """, in: source)
    return source
}

extension String {
    /// How often `part` is in it.
    fileprivate func components(_ part: String) -> Int {
        split(separator: part, omittingEmptySubsequences: false).count - 1
    }
}
