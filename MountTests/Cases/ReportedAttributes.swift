/// `user.foliofs.…`: a mount's own extended attributes, which are of the mount alone.
let reportedAttributeCases: [TestCase] = [
    TestCase("ReportedAttributes/say how a file is served, and follow it") { bench in
        let source = try bench.loop("mkfs.xfs -q -f", megabytes: 320, name: "source")
        try require("head -c 4M /dev/urandom > data; echo small > small; mkdir d; sync", in: source)
        try served(bench, source: source) { mount in
            try expectEqual(try value("route", mount.path + "/data"), "native", "the route of a file that is not open")
            try expectEqual(try value("rule", mount.path + "/data"), "everything", "its rule")
            try expect(try value("reason", mount.path + "/data").count > 10, "no reason")
            try expectEqual(try value("pmd_mapped", mount.path + "/data"), "0", "bytes before promotion")
            try require("\(bench.foliofs) promote --wait data", in: mount.path)
            try expectEqual(try value("pmd_mapped", mount.path + "/data"), "4194304", "bytes after promotion")
            try expectEqual(try value("route", mount.path + "/small"), "plain", "the route of a small file")
            for (name, path) in [("route", "d"), ("rule", "small"), ("nonsense", "data")] {
                let said = try bash("getfattr -n user.foliofs.\(name) \(path) 2>&1", in: mount.path)
                try expect(said.text.contains("No such attribute"), "\(name) of \(path): \(said.text)")
            }
        }
        try served(bench, source: source, at: "staged", ["--route", "staged"]) { mount in
            try require(
                "exec 3< data; getfattr --only-values -n user.foliofs.route data | grep -x staged", in: mount.path)
            // Somebody writes: it is served as it is then, not as the policy would like.
            try require(
                "exec 3> other; head -c 4M /dev/zero >&3; getfattr --only-values -n user.foliofs.route other | grep -x plain",
                in: mount.path)
        }
        try served(bench, source: source, at: "narrow", ["--route", "staged", "--stage-limit", "3M"]) { mount in
            try require(
                "exec 3< data; getfattr --only-values -n user.foliofs.reason data | grep 'is not staged: .* the whole limit'",
                in: mount.path)
        }
    },
    TestCase("ReportedAttributes/cannot be set, are not listed, and reach neither the source nor a copy") { bench in
        let source = try bench.ext4(megabytes: 64)
        try require(
            "head -c 3M /dev/urandom > data; setfattr -n user.ours -v kept data; setfattr -n user.foliofs.route -v forged data",
            in: source)
        try served(bench, source: source) { mount in
            try require(
                """
                for change in '-n user.foliofs.route -v x' '-x user.foliofs.route' '-n user.foliofs.new -v x'; do
                    setfattr $change data 2> said && exit 1; grep -q 'Operation not permitted' said || { cat said; exit 1; }; rm said
                done
                [ "$(getfattr --only-values -n user.foliofs.route data)" != forged ]
                getfattr -d -m - data > "$WORK/listed"; grep -q 'user.ours="kept"' "$WORK/listed"; ! grep foliofs "$WORK/listed"
                cp -a data "$WORK/copied"; rsync -aX data "$WORK/synced"; cp -a data inside
                cd "$WORK"; for copy in copied synced; do [ "$(getfattr -d -m user copied | grep -c =)" = 1 ]; done
                """, in: mount.path, environment: ["WORK": bench.directory])
        }
        // What the source has of that name is the source's.
        try require(
            "[ $(getfattr --only-values -n user.foliofs.route data) = forged ]; ! getfattr -d -m - inside | grep foliofs",
            in: source)
    },
]

private func value(_ name: String, _ path: String) throws -> String {
    try require("getfattr --only-values --absolute-names -n user.foliofs.\(name) \"$P\"", environment: ["P": path])
}
