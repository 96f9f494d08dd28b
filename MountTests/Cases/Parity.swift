/// The same script in a native directory and in the mount: what it says, how it ends and the tree it leaves must be the same.
let parityCases: [TestCase] = parityScripts.map { name, script in
    TestCase("Parity/" + name, limit: 90) { bench in
        let native = try bench.make("native")
        let wanted = try perform(script, in: native)
        var differences: [String] = []
        for route in ["native", "staged", "plain"] {
            let source = try bench.make("source-" + route)
            try served(bench, source: source, at: route, ["--route", route]) { mount in
                let found = try perform(script, in: mount.path)
                if found.said != wanted.said {
                    differences.append("\(route), said: \(difference(wanted.said, found.said))")
                }
                if found.tree != wanted.tree {
                    differences.append("\(route), tree in the mount: \(difference(wanted.tree, found.tree))")
                }
                let beneath = try tree(source)
                if beneath != wanted.tree {
                    differences.append("\(route), tree in the source: \(difference(wanted.tree, beneath))")
                }
            }
        }
        try expect(differences.isEmpty, differences.joined(separator: "\n"))
    }
}

/// What a script said, its exit status last, and the tree that it left.
private func perform(_ script: String, in directory: String) throws -> (said: String, tree: String) {
    let outcome = try bash("umask 022\nexec 2>&1\n" + script, in: directory, timeout: 25)
    for complaint in ["SyntaxError", "IndentationError", "NameError", "syntax error", "command not found"] {
        try expect(!outcome.text.contains(complaint), "the script itself is broken: \(outcome.text)")
    }
    return (outcome.text + "status \(outcome.status)\n", try tree(directory))
}

/// Names, types, modes, owners, link counts, sizes, targets, contents and extended attributes of everything beneath.
private func tree(_ directory: String) throws -> String {
    try require(
        #"""
        find . -mindepth 1 \( -type d -printf '%p %y %M %U %G\n' \) -o -printf '%p %y %M %U %G %n %s %l\n' | sort
        find . -type f -print0 | sort -z | xargs -0r sha256sum
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
