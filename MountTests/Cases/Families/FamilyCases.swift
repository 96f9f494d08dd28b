import Glibc

/// Each family on the directory of the tests, by every route, and all families on the other filesystems: what a script says,
/// how it ends and the tree it leaves must be the same in the mount as in a native directory.
let familyCases: [TestCase] =
    Family.all.map { family in
        TestCase("Parity/\(family.name)", limit: 240) { bench in
            let place = bench.directory
            try compare([family], in: place, routes: ["native", "staged", "no passthrough"], bench)
        }
    }
    + [
        TestCase("Parity/every family on xfs", limit: 400) { bench in
            let place = try bench.loop("mkfs.xfs -q", megabytes: 1024, name: "xfs")
            defer { umount2(place, 2) }
            try compare(Family.all, in: place, routes: ["chosen"], bench)
        },
        TestCase("Parity/every family on btrfs", limit: 400) { bench in
            let place = try bench.loop("mkfs.btrfs -q", megabytes: 1024, name: "btrfs")
            defer { umount2(place, 2) }
            try compare(Family.all, in: place, routes: ["chosen"], bench)
        },
        TestCase("Parity/every family on tmpfs", limit: 400) { bench in
            let place = try bench.make("tmpfs")
            try require("mount -t tmpfs -o size=1G none \"$P\"", environment: ["P": place])
            defer { umount2(place, 2) }
            try compare(Family.all, in: place, routes: ["chosen"], bench)
        },
    ]

/// Runs every script of the families in native directories below `place`, and in mounts of others by each route.
private func compare(_ families: [Family], in place: String, routes: [String], _ bench: Workbench) throws {
    try require("mkdir -p native && chmod 755 . native", in: place)
    var wanted: [String: (said: String, tree: String)] = [:]
    for family in families {
        for script in family.scripts {
            wanted[family.name + script.name] = try perform(script, beneath: place + "/native")
        }
    }
    var differences: [String] = []
    for route in routes {
        let name = String(route.map { $0 == " " ? "-" : $0 })
        let source = "\(place)/source-\(name)"
        try require("mkdir \"$S\" && chmod 755 \"$S\"", environment: ["S": source])
        let options = ["chosen": [], "no passthrough": ["--no-passthrough"]][route] ?? ["--route", route]
        try served(bench, source: source, at: name, options) { mount in
            for family in families {
                for script in family.scripts {
                    let native = wanted[family.name + script.name] ?? ("", "")
                    let found = try perform(script, beneath: mount.path)
                    let beneath = try tree(source + "/" + directoryName(script))
                    for (what, one, other) in [
                        ("said", native.said, found.said), ("tree in the mount", native.tree, found.tree),
                        ("tree in the source", native.tree, beneath),
                    ] where one != other {
                        differences.append(
                            "\(family.name), \(script.name), \(route), \(what): \(difference(one, other))")
                    }
                }
            }
        }
    }
    try expect(differences.isEmpty, differences.joined(separator: "\n"))
}

private func directoryName(_ script: Family.Script) -> String { String(script.name.map { $0.isLetter ? $0 : "-" }) }

/// What a script said, its exit status last, and the tree that it left.
private func perform(_ script: Family.Script, beneath directory: String) throws -> (said: String, tree: String) {
    let place = directory + "/" + directoryName(script)
    try expect(mkdir(place, 0o755) == 0, "cannot make \(place): \(String(cString: strerror(errno)))")
    let outcome =
        script.isPython
        ? try run(
            ["python3", "-c", "import os\nos.chdir(\"\(place)\")\n" + familyPrelude + script.text], timeout: 60)
        : try bash("umask 022\nexec 2>&1\n" + script.text, in: place, timeout: 60)
    for complaint in ["SyntaxError", "IndentationError", "NameError", "syntax error", "command not found", "Traceback"]
    {
        try expect(!outcome.text.contains(complaint), "\(script.name): the script itself is broken: \(outcome.text)")
    }
    return (outcome.text + "status \(outcome.status)\n", try tree(place))
}

/// Names, types, modes, owners, link counts, sizes, targets, contents and extended attributes of everything beneath.
private func tree(_ directory: String) throws -> String {
    try require(
        #"""
        find . -mindepth 1 \( -type d -printf '%p %y %M %U %G\n' \) -o -printf '%p %y %M %U %G %n %s %l\n' | sort
        find . -type f -size -64M -print0 | sort -z | xargs -0r sha256sum
        find . -mindepth 1 ! -type l -print0 | sort -z | xargs -0r getfattr -h -d -m - -e hex 2>/dev/null | cat
        """#, in: directory)
}

/// The lines that only one of two texts has.
private func difference(_ wanted: String, _ found: String) -> String {
    let before = wanted.split(separator: "\n")
    let after = found.split(separator: "\n")
    let lost = before.filter { !after.contains($0) }.prefix(6).map { "  wanted: \($0)" }
    let gained = after.filter { !before.contains($0) }.prefix(6).map { "  found:  \($0)" }
    return (["(wanted is native)"] + lost + gained).joined(separator: "\n")
}
