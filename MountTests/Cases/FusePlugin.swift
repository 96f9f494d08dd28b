import Glibc

/// What the plugin for FUSE finds behind a file, on a mount of each route.
let fusePluginCases: [TestCase] =
    [
        Behind(
            "native", on: .ext4, ["--route", "native", "--promotion", "none"], is: "fuse.foliofs over ext4", own: true),
        Behind("plain", on: .ext4, ["--route", "plain"], is: "fuse.foliofs over ext4", own: true),
        Behind("staged", on: .ext4, ["--route", "staged"], is: "fuse.foliofs over tmpfs", own: false),
        Behind(
            "native", on: .tmpfs, ["--route", "native", "--promotion", "none"], is: "fuse.foliofs over tmpfs", own: true
        ),
        Behind("staged", on: .tmpfs, ["--route", "staged"], is: "fuse.foliofs over tmpfs", own: false),
        Behind("FUSE's own cache", on: .ext4, ["--no-passthrough"], is: "fuse.foliofs", own: nil),
    ].map { $0.test } + [
        TestCase("Plugins/fuse's library says what is missing where others than it can look") { bench in
            let source = try bench.ext4(megabytes: 64)
            try require("head -c 4194304 /dev/urandom > f && sync f", in: source)
            try served(bench, source: source, ["--route", "native", "--promotion", "none"]) { mount in
                let empty = try bench.make("empty")
                try require("mount --bind \"$E\" \"$S\"", environment: ["E": empty, "S": source])
                defer { _ = try? bash("umount \"$S\"", environment: ["S": source]) }
                let answer = try bench.cli("explain", mount.path + "/f", "--operation", "fault")
                try expect(answer.text.contains("filesystem.layers is missing"), answer.text)
            }
        }
    ]

/// A mount of one route, and what must be found behind its files.
private struct Behind {
    enum Source: String { case ext4, tmpfs }

    let route: String
    let source: Source
    let options: [String]
    let subject: String
    /// Whether its pages are the source's; nil: FUSE's own.
    let isSource: Bool?

    init(_ route: String, on source: Source, _ options: [String], is subject: String, own isSource: Bool?) {
        (self.route, self.source, self.options, self.subject, self.isSource) =
            (route, source, options, subject, isSource)
    }

    var test: TestCase {
        TestCase("Plugins/fuse's library finds what is behind a file: \(route) over \(source.rawValue)") { bench in
            let place: String
            switch source {
            case .ext4: place = try bench.ext4(megabytes: 64)
            case .tmpfs:
                place = try bench.make("source")
                try require("mount -t tmpfs -o size=64m,huge=never none source", in: bench.directory)
            }
            try require("head -c 4194304 /dev/urandom > f && sync f", in: place)
            try served(bench, source: place, options) { mount in
                // Mapped by others too, as it is where it is in use; and not mapped at all.
                for others in [0, 3] {
                    let mappings = try (0..<others).map { _ in try touched(mount.path + "/f", 4 << 20) }
                    defer { for mapping in mappings { munmap(mapping, 4 << 20) } }
                    let answer = try bench.cli("explain", mount.path + "/f", "--operation", "fault")
                    try expect(answer.text.contains("on \(subject), Linux"), answer.text)
                    switch isSource {
                    case true?: try expect(answer.text.contains("the page touched is the source's own"), answer.text)
                    case false?:
                        try expect(answer.text.contains("so a staged copy's"), answer.text)
                        // huge=within_size: the copy was born in PMD folios, whatever huge= the source has.
                        try expect(answer.text.contains("mapped by a PMD?  Yes."), answer.text)
                    case nil: try expect(answer.text.contains("came into FUSE's own page cache"), answer.text)
                    }
                }
            }
            if source == .tmpfs { try require("umount source", in: bench.directory) }
        }
    }
}

/// A mapping of a file, every page of it touched.
private func touched(_ path: String, _ size: Int) throws -> UnsafeMutableRawPointer {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    guard let start = mmap(nil, size, PROT_READ, MAP_SHARED, file, 0), start != MAP_FAILED else {
        throw Failure("cannot map \(path): \(String(cString: strerror(errno)))")
    }
    // MADV_POPULATE_READ
    guard madvise(start, size, 22) == 0 else {
        throw Failure("cannot touch \(path): \(String(cString: strerror(errno)))")
    }
    return start
}
