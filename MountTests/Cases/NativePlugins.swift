/// Native plugins where files are served, collapsed and held to predictions, as explain and probe ask them.
let nativePluginCases: [TestCase] = [
    TestCase("Plugins/a mount asks the library behind an open, and follows it from then on") { bench in
        let plugins = try library(for: "ext4", in: bench, says: .orders(0...9))
        let source = try bench.ext4(megabytes: 64)
        try require("head -c 8388608 /dev/urandom > f && chmod 755 f && sync f", in: source)
        try served(bench, source: source, ["--plugins", plugins]) { mount in
            try require("cmp f \"$M\"/f", in: source, environment: ["M": mount.path])
            let first = try routes(bench, mount)
            try expectEqual(first["plain"], 1, "first opens served plain, the library not having answered: \(first)")
            // Waits for the library.
            let promoted = try bench.cli("promote", "--wait", mount.path + "/f", "--json")
            let file = try JSON(promoted.text)["files"]?.array?.first
            try expectEqual(file?["route"]?.string, "native", "route of \(promoted.text)")
            try require("cmp f \"$M\"/f", in: source, environment: ["M": mount.path])
            let second = try routes(bench, mount)
            try expectEqual(second["native"], 1, "first opens served native afterwards: \(second)")
        }
    },
    TestCase("Plugins/a mount stages what the library says holds no large folios") { bench in
        let plugins = try library(for: "ext4", in: bench, says: .orders(0...0))
        let source = try bench.ext4(megabytes: 64)
        try require("head -c 8388608 /dev/urandom > f && chmod 755 f && sync f", in: source)
        try served(bench, source: source, ["--plugins", plugins]) { mount in
            let promoted = try bench.cli("promote", "--wait", mount.path + "/f", "--json")
            let file = try JSON(promoted.text)["files"]?.array?.first
            try expectEqual(file?["route"]?.string, "staged", "route of \(promoted.text)")
            try require("cmp f \"$M\"/f", in: source, environment: ["M": mount.path])
            try expectEqual(try routes(bench, mount)["staged"], 1, "first opens served staged")
        }
    },
    TestCase("Plugins/a library that hangs holds up no open of a mount") { bench in
        let plugins = try library(for: "ext4", in: bench, says: .nothingEver)
        let source = try bench.ext4(megabytes: 64)
        try require("for f in 1 2 3 4; do head -c 4194304 /dev/urandom > $f && chmod 755 $f; done; sync .", in: source)
        try served(bench, source: source, ["--plugins", plugins]) { mount in
            try require(
                "for f in 1 2 3 4; do cmp $f \"$M\"/$f || exit 1; done", in: source, environment: ["M": mount.path])
            // Had the first waited for the library, it would have had an answer: that nothing is known, and been staged.
            let first = try routes(bench, mount)
            try expectEqual(first["plain"], 4, "first opens served plain: \(first)")
            let promoted = try bench.cli("promote", "--wait", mount.path + "/1", "--json")
            let file = try JSON(promoted.text)["files"]?.array?.first
            try expectEqual(file?["route"]?.string, "staged", "route of \(promoted.text)")
            let list = try bench.cli("plugin", "list", "--plugins", plugins)
            try expect(list.text.contains("native plugin ext4 1.0"), "list: \(list.text)")
        }
    },
    TestCase("Plugins/collapse and verify ask the library, and know nothing where it crashes") { bench in
        let good = try library(for: "tmpfs", in: bench, says: .shmem, at: "good")
        let bad = try library(for: "tmpfs", in: bench, says: .crash, at: "bad")
        let place = try bench.make("t")
        try require(
            "mount -t tmpfs -o size=64m,huge=never none t && head -c 4194304 /dev/urandom > t/f", in: bench.directory)
        let with = try bench.cli("collapse", place + "/f", "--plugins", good)
        try expectEqual(with.status, 0, "exit of \(with.text)")
        try expect(with.text.contains("2 of 2 chunks as predicted"), with.text)
        let without = try bench.cli("collapse", place + "/f", "--plugins", bad)
        try expectEqual(without.status, 0, "exit of \(without.text)")
        try expect(without.text.contains("not known: plugin.tmpfs.so"), without.text)
        try require("umount t", in: bench.directory)
        let verified = try bash(
            "\"$F\" verify --filesystem tmpfs-never --matching collapse --plugins \"$P\" --json 2>/dev/null",
            environment: ["F": bench.foliofs, "P": bad], timeout: 50)
        try expectEqual(verified.status, 0, "exit of \(verified.text)")
        let skips = try JSON(verified.text)["skipped"]?.array ?? []
        try expect(
            skips.contains { $0["reason"]?.string?.contains("plugin.tmpfs.so") == true }, "verify: \(verified.text)")
    },
]

/// What a library says, whatever it is asked.
private enum Saying {
    case orders(ClosedRange<Int>)
    case shmem
    case crash
    case nothingEver

    var statements: String {
        switch self {
        case .orders(let orders):
            """
            answer->kind = FOLIO_PLUGIN_ORDERS; answer->minimum_order = \(orders.lowerBound);
            answer->maximum_order = \(orders.upperBound); answer->passthrough_backing = FOLIO_PLUGIN_YES;
            """
        case .shmem: "answer->kind = FOLIO_PLUGIN_SHMEM; answer->passthrough_backing = FOLIO_PLUGIN_YES;"
        case .crash: "abort();"
        case .nothingEver: "for (;;) pause();"
        }
    }
}

/// Makes a plugin in C that speaks for a filesystem type, and of whose rows none says what the orders are.
/// - Returns: the directory to give to --plugins.
private func library(
    for type: String, in bench: Workbench, says saying: Saying, at name: String = "plugins"
) throws -> String {
    guard try bash("command -v cc").status == 0 else { throw Skip("no C compiler; make deps installs gcc") }
    try require(
        """
        mkdir "$N" && cd "$N" && "$F" plugin new \(type) --native c
        cat > \(type)/plugin.c <<'END'
        #include "folio_plugin.h"
        #include <stdlib.h>
        #include <unistd.h>
        static int answer(void *context, const struct folio_plugin_question *question, struct folio_plugin_answer *answer) {
            (void)context, (void)question;
            \(saying.statements)
            return folio_plugin_copy(answer->source, answer->source_size, "6.18 a test");
        }
        static const struct folio_plugin plugin = {sizeof plugin, FOLIO_PLUGIN_ABI, "\(type)", "1.0", 0, answer};
        const struct folio_plugin *folio_plugin_entry(uint32_t host) { return host >> 16 == FOLIO_PLUGIN_ABI_MAJOR ? &plugin : 0; }
        END
        cat > \(type)/capability.toml <<'END'
        filesystem = "\(type)"
        summary = "What a library says."
        native = "\(type).so"
        END
        make -s -C \(type)
        """, in: bench.directory, environment: ["F": bench.foliofs, "N": name])
    return bench.directory + "/" + name
}

/// First opens by their route.
private func routes(_ bench: Workbench, _ mount: ServedMount) throws -> [String: Int] {
    let status = try JSON(try bench.cli("status", mount.path, "--json").text)
    var routes: [String: Int] = [:]
    for name in ["native", "staged", "fallback", "plain"] {
        routes[name] = status["routes"]?[name]?.number.map { Int($0) }
    }
    return routes
}
