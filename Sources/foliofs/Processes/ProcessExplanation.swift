import FolioCapability
import FolioPolicy
import LinuxFacts
import SystemPackage

/// What an operation would do to each file mapping of a running process, and why.
struct ProcessExplanation: Encodable {
    /// One mapping and the answer about it.
    struct Entry {
        let entry: SmapsEntry
        let query: PolicyQuery
        let decision: Decision
    }

    let process: Int32
    let operation: Operation
    /// The mappings that have a whole chunk, or all of a file that was named.
    private(set) var entries: [Entry] = []
    /// File mappings that are too short for a chunk, and left out.
    private(set) var leftOut = 0

    /// Asks about the mappings of `process`: of one file, or of all.
    /// - Throws: what reading the process's mappings says; `CommandFailure` where it does not map the file.
    init(
        _ process: Int32, file: FilePath?, operation: Operation, reader: FactReader, registry: CapabilityRegistry,
        kernel: KernelFacts
    ) throws {
        self.process = process
        self.operation = operation
        let wanted = try file.map { try FileStatus.read($0).inode }
        let mappings = try ProcessMappings(process, reader: reader, registry: registry, kernel: kernel)
        for entry in mappings.entries {
            if let wanted, entry.inode != wanted { continue }
            guard mappings.wholeChunks(entry) > 0 || wanted != nil else {
                leftOut += 1
                continue
            }
            let query = mappings.query(entry, operation)
            entries.append(Entry(entry: entry, query: query, decision: decide(query)))
        }
        if let file, entries.isEmpty {
            throw CommandFailure("cannot explain \(file) in process \(process): ENOENT; it does not map that file")
        }
    }

    // MARK: As it is printed

    /// For a person.
    var text: String {
        var table = TextTable("address", "file", "PMD-mapped", "\(operation.rawValue)", "because of")
        for entry in entries {
            let mapped = "\(ByteSize(bytes: entry.entry.pmdMapped)) of \(ByteSize(bytes: entry.entry.range.length))"
            let verdict = entry.decision.verdict.rawValue + (entry.decision.errno.map { " " + $0 } ?? "")
            let missing = entry.decision.missing.joined(separator: ", ")
            var why = entry.decision.rules.last.map { "\($0.id): \($0.evidence)" } ?? ""
            if !missing.isEmpty { why = "\(missing) is missing" }
            table.add(
                String(entry.entry.range.start, radix: 16),
                entry.entry.path + " +" + String(entry.entry.offset, radix: 16),
                mapped, verdict, why)
        }
        var lines = ["process \(process): \(entries.count) file mappings" + (leftOut > 0 ? " of a whole chunk" : "")]
        lines += table.lines(indent: 2)
        if leftOut > 0 { lines.append("\(leftOut) more hold no whole chunk") }
        return lines.joined(separator: "\n")
    }

    private enum Key: String, CodingKey { case process, operation, mappings, leftOut }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(process, forKey: .process)
        try container.encode(operation.rawValue, forKey: .operation)
        try container.encode(leftOut, forKey: .leftOut)
        try container.encode(entries.map(Printed.init), forKey: .mappings)
    }

    /// A mapping as JSON has it; `errno`, `scanReason` and `filesystem` are null where there is nothing to say.
    private struct Printed: Encodable {
        let entry: Entry

        init(_ entry: Entry) { self.entry = entry }

        enum Key: String, CodingKey {
            case address, length, offset, path, filesystem, pmdMappedBytes, verdict, errno, scanReason, missing,
                decidedBy
            case evidence
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            let decision = entry.decision
            try container.encode("0x" + String(entry.entry.range.start, radix: 16), forKey: .address)
            try container.encode(entry.entry.range.length, forKey: .length)
            try container.encode(entry.entry.offset, forKey: .offset)
            try container.encode(entry.entry.path, forKey: .path)
            try container.encode(entry.query.filesystem.type, forKey: .filesystem)
            try container.encode(entry.entry.pmdMapped, forKey: .pmdMappedBytes)
            try container.encode(decision.verdict.rawValue, forKey: .verdict)
            try container.encode(decision.errno, forKey: .errno)
            try container.encode(decision.scanReason, forKey: .scanReason)
            try container.encode(decision.missing, forKey: .missing)
            try container.encode(decision.rules.last?.id.description, forKey: .decidedBy)
            try container.encode(decision.rules.last?.evidence.description, forKey: .evidence)
        }
    }
}
