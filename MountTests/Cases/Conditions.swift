/// Every condition of a manifest that this machine can read: the fact is read from the real filesystem, and the row that asks
/// for it answers by it.
let conditionCases: [TestCase] = [
    Condition(
        "ext4 as it is made", .ext4("-b 4096"),
        ["filesystem blockSize=4096", "filesystem superblockFeatures has extent"],
        ["6.12": false, "6.18": true, "7.3": true]),
    Condition(
        "ext4 with the encrypt feature", .ext4("-O encrypt"), ["filesystem superblockFeatures has encrypt"],
        ["6.18": false, "7.3": false]),
    Condition(
        "ext4 with the verity feature", .ext4("-O verity"), ["filesystem superblockFeatures has verity"],
        ["6.18": false, "6.19": true, "7.3": true]),
    Condition(
        "ext4 mounted with data=journal", .ext4("", options: "loop,data=journal"),
        ["filesystem mountOptions data=journal"], ["6.18": false, "7.3": false]),
    Condition(
        "ext4 whose superblock asks for data=journal", .ext4(""), ["filesystem mountOptions data=journal"],
        ["6.18": false, "7.3": false], then: "tune2fs -o journal_data image"),
    Condition(
        "an ext4 file whose data are journalled", .ext4(""), ["file inodeFlags has journal-data"],
        ["6.18": false, "7.3": false],
        // chattr +j takes CAP_SYS_RESOURCE, which not every root has.
        after: "umount mnt && debugfs -w -R 'sif f flags 0x84000' image && mount -o loop image mnt"),
    Condition(
        "an immutable ext4 file", .ext4(""), ["file inodeFlags has immutable"], ["6.18": true],
        after: "chattr +i mnt/f", before: "chattr -i mnt/f"),
    Condition(
        "ext4 with blocks of 1 KiB", .ext4("-b 1024"), ["filesystem blockSize=1024"], ["6.18": true, "7.3": true]),
    Condition("xfs", .image("mkfs.xfs -q -f", 320), ["filesystem blockSize=4096"], ["5.15": false, "7.3": true]),
    Condition(
        "btrfs without EXPERIMENTAL", .image("mkfs.btrfs -q -f", 192), ["filesystem blockSize=4096"],
        ["6.18": false, "7.3": false], config: "BTRFS_EXPERIMENTAL=n"),
    Condition(
        "btrfs with EXPERIMENTAL", .image("mkfs.btrfs -q -f", 192), ["filesystem blockSize=4096"],
        ["6.18": false, "7.3": true], config: "BTRFS_EXPERIMENTAL=y"),
    Condition(
        "btrfs of which nobody knows whether it is EXPERIMENTAL", .image("mkfs.btrfs -q -f", 192), [], ["7.3": nil],
        missing: "config.BTRFS_EXPERIMENTAL"),
    Condition(
        "erofs, not compressed", .archive("mkfs.erofs --quiet image tree"), ["file compressed=false"],
        ["6.1": false, "6.8": true, "7.3": true]),
    Condition(
        "erofs, compressed", .archive("mkfs.erofs --quiet -zlz4 image tree"), ["file compressed=true"],
        ["6.8": false, "6.12": true, "7.3": true]),
    Condition(
        "tmpfs huge=always", .tmpfs("always"), ["filesystem mountOptions huge=always"], ["6.18": true], touch: true),
    Condition(
        "tmpfs huge=within_size", .tmpfs("within_size"), ["filesystem mountOptions huge=within_size"], ["6.18": true],
        touch: true),
    Condition(
        "tmpfs huge=advise", .tmpfs("advise"), ["filesystem mountOptions huge=advise"], ["6.18": true], touch: false),
    Condition("tmpfs huge=never", .tmpfs("never"), [], ["6.18": true], touch: false),
    Condition(
        "overlay over ext4 with the encrypt feature", .overlay("-O encrypt"),
        ["layer superblockFeatures has encrypt"], ["6.18": false, "7.3": false]),
    Condition("overlay over ext4", .overlay(""), ["layer blockSize=4096"], ["6.12": false, "6.18": true, "7.3": true]),
].map(\.test)

/// A filesystem made so, with the facts that must be read of `mnt/f` there, and what follows from them.
private struct Condition: Sendable {
    enum Making {
        case ext4(String, options: String = "loop")
        case image(String, Int)
        case archive(String)
        case tmpfs(String)
        case overlay(String)
    }

    let name: String
    let making: Making
    /// Each `object key=value`, `object key subkey=value` or `object key has element`.
    let facts: [String]
    /// Whether the filesystem supports large folios for the file, by kernel; nil: not known.
    let supports: [String: Bool?]
    /// What makes the file so, when it is there; and what undoes it.
    let after: String
    let before: String
    /// What is done with the image before it is mounted.
    let then: String
    let config: String?
    let missing: String?
    /// Whether a touch of nothing cached leaves PMD mappings, on 6.18; nil: not asked.
    let touch: Bool?

    init(
        _ name: String, _ making: Making, _ facts: [String], _ supports: [String: Bool?], then: String = "true",
        after: String = "true", before: String = "true", config: String? = nil,
        missing: String? = nil, touch: Bool? = nil
    ) {
        self.name = name
        self.making = making
        self.facts = facts
        self.supports = supports
        (self.after, self.before, self.then) = (after, before, then)
        (self.config, self.missing, self.touch) = (config, missing, touch)
    }

    private var script: String {
        func image(_ format: String, _ mebibytes: Int, _ options: String) -> String {
            "truncate -s \(mebibytes)M image && \(format) image && \(then) && mount -o \(options) image mnt"
        }
        // Half of it compresses.
        let file = "{ head -c 2097152 /dev/zero; head -c 2097152 /dev/urandom; }"
        switch making {
        case .ext4(let arguments, let options):
            return image("mkfs.ext4 -q -F \(arguments)", 64, options) + " && \(file) > mnt/f"
        case .image(let format, let mebibytes): return image(format, mebibytes, "loop") + " && \(file) > mnt/f"
        case .archive(let command): return "mkdir tree && \(file) > tree/f && \(command) && mount -o loop,ro image mnt"
        case .tmpfs(let huge): return "mount -t tmpfs -o size=64m,huge=\(huge) none mnt && \(file) > mnt/f"
        case .overlay(let arguments):
            return
                "mkdir base && truncate -s 64M image && mkfs.ext4 -q -F -b 4096 \(arguments) image && mount -o loop image base"
                + " && mkdir base/l base/u base/w && \(file) > base/l/f"
                + " && mount -t overlay -o lowerdir=$PWD/base/l,upperdir=$PWD/base/u,workdir=$PWD/base/w none mnt"
        }
    }

    var test: TestCase {
        TestCase("Conditions/\(name): the facts are read, and the rows answer by them") { bench in
            _ = try bench.make("mnt")
            let made = try bash("set -e\n" + script, in: bench.directory)
            guard made.status == 0 else {
                throw Skip(
                    "cannot make it (\(made.lines.last ?? "")); needs the filesystem, its mkfs and a loop device")
            }
            defer { _ = try? bash("\(before); umount mnt; umount base", in: bench.directory) }
            let file = bench.directory + "/mnt/f"
            try require(after, in: bench.directory)
            let said = try JSON(try bench.cli("facts", file).text)
            for fact in facts { try check(fact, said) }
            for (kernel, supported) in supports {
                var arguments = [bench.foliofs, "explain", file, "--kernel", kernel, "--json"]
                if let config { arguments += ["--kernel-config", config] }
                let answer = try JSON(try run(arguments, timeout: 20).text)["mayCreateLargeFolios"]
                let verdict = supported.map { $0 ? "allowed" : "denied" } ?? "unknown"
                try expectEqual(answer?["filesystemSupports"]?.string, verdict, "large folios there on \(kernel)")
                if let missing {
                    let lacking = answer?["missing"]?.array?.compactMap(\.string) ?? []
                    try expect(lacking.contains(missing), "missing are \(lacking)")
                }
            }
            guard let touch else { return }
            // The same facts, with nothing cached.
            let bare = try bash(
                "\"$F\" facts mnt/f | jq -c '{kernel:\"6.18\",config,filesystem,file:(.file+{cachedOrders:[]}),system,mapping:(.mapping+{touched:false}),operation:\"fault\"}' | \"$F\" explain --query - | jq -r .verdict",
                in: bench.directory, environment: ["F": bench.foliofs])
            try expectEqual(bare.lines, [touch ? "allowed" : "denied"], "verdict of a touch: \(bare.text)")
        }
    }

    private func check(_ fact: String, _ said: JSON) throws {
        let words = fact.split(separator: " ").map(String.init)
        var object = said[words[0] == "layer" ? "filesystem" : words[0]]
        if words[0] == "layer" { object = object?["layers"]?.array?.first }
        if words.count == 4, words[2] == "has" {
            let elements = object?[words[1]]?.array?.compactMap(\.string) ?? []
            try expect(elements.contains(words[3]), "\(fact): \(elements)")
            return
        }
        for key in words.dropFirst().dropLast() { object = object?[key] }
        let pair = words[words.count - 1].split(separator: "=").map(String.init)
        switch object?[pair[0]] {
        case .string(let text)?: try expectEqual(text, pair[1], fact)
        case .number(let number)?: try expectEqual(String(Int(number)), pair[1], fact)
        case .boolean(let flag)?: try expectEqual(String(flag), pair[1], fact)
        default: throw Failure("\(fact): it is not there")
        }
    }
}
