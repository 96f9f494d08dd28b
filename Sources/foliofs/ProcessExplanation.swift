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
        /// Whole PMD chunks that it has.
        let chunks: Int
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
        let disabled = Self.processDisabled(process)
        for entry in try Smaps.read(process: process) where entry.inode != 0 {
            if let wanted, entry.inode != wanted { continue }
            let chunks = Self.wholeChunks(entry, pmdSize: kernel.geometry.pmdSize)
            guard chunks > 0 || wanted != nil else {
                leftOut += 1
                continue
            }
            let query = Self.query(
                entry, chunks: chunks, process: process, operation: operation, reader: reader, registry: registry,
                kernel: kernel, disabled: disabled)
            entries.append(Entry(entry: entry, query: query, decision: decide(query), chunks: chunks))
        }
        if let file, entries.isEmpty {
            throw CommandFailure("cannot explain \(file) in process \(process): ENOENT; it does not map that file")
        }
    }

    private static func query(
        _ entry: SmapsEntry, chunks: Int, process: Int32, operation: Operation, reader: FactReader,
        registry: CapabilityRegistry, kernel: KernelFacts, disabled: Bool?
    ) -> PolicyQuery {
        var mapping = entry.facts
        mapping.pmdMapped =
            entry.pmdMapped == 0 ? false : entry.pmdMapped == chunks * kernel.geometry.pmdSize ? true : nil
        if mapping.pmdMapped == true { mapping.touched = true }
        var system = reader.system()
        system.processDisabled = disabled
        system.processDisabledExceptAdvised = nil
        var file = FileFacts(size: nil, regular: nil)
        var filesystem = FilesystemFacts(type: nil)
        var capability = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        if mapping.anonymous == true {
            filesystem = FilesystemFacts(type: "tmpfs", mountOptions: [:])
            file = FileFacts(size: Int(clamping: entry.offset) + entry.range.length, regular: true)
            capability = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        } else if let path = path(of: entry, in: process), let facts = try? reader.file(path),
            let outer = try? reader.filesystem(of: path)
        {
            file = facts
            reader.complete(&file, of: path, offset: mapping.offset, length: mapping.length)
            (filesystem, capability) = registry.resolve(
                path: path, filesystem: outer, file: file, kernel: kernel
            ) { try? reader.filesystem(of: $0) }
        }
        return PolicyQuery(
            kernel: kernel, system: system, filesystem: filesystem, capability: capability, file: file,
            mapping: mapping, operation: operation)
    }

    /// The file by its path as the process sees it; nil: another file has that path, or none.
    private static func path(of entry: SmapsEntry, in process: Int32) -> FilePath? {
        for path in [FilePath(entry.path), FilePath("/proc/\(process)/root" + entry.path)] where path.isAbsolute {
            if let status = try? FileStatus.read(path), status.inode == entry.inode, status.isRegular { return path }
        }
        return nil
    }

    /// Whole chunks of the file in the mapping, as the file offsets lie.
    private static func wholeChunks(_ entry: SmapsEntry, pmdSize: Int) -> Int {
        let start = Int(clamping: entry.offset)
        let end = start + entry.range.length
        let first = (start + pmdSize - 1) / pmdSize * pmdSize
        return max(0, (end - first) / pmdSize)
    }

    /// Whether the process has transparent huge pages switched off, by /proc/PID/status (5.0); nil: it does not say.
    private static func processDisabled(_ process: Int32) -> Bool? {
        let lines = (try? TextFile.read(FilePath("/proc/\(process)/status")))?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix("THP_enabled:") }.map { $0.hasSuffix("0") }
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
