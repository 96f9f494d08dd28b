import FolioCapability
import FolioPolicy
import LinuxFacts
import SystemPackage

/// Every file mapping of a running process: what PMDs map of it, what they could, and by what.
struct ProcessScan: Encodable {
    /// One mapping.
    struct Row {
        let entry: SmapsEntry
        let filesystem: String?
        /// Bytes in whole chunks of the file.
        let chunkBytes: Int
        let way: MappingWay
    }

    let process: Int32
    /// The program's name, /proc/PID/comm.
    let command: String
    let rows: [Row]

    /// Looks at a process.
    /// - Throws: what reading its mappings says.
    init(_ process: Int32, reader: FactReader, registry: CapabilityRegistry, kernel: KernelFacts) throws {
        self.process = process
        command =
            ((try? TextFile.read(FilePath("/proc/\(process)/comm"))) ?? "").split(separator: "\n").first
            .map(String.init) ?? ""
        let mappings = try ProcessMappings(process, reader: reader, registry: registry, kernel: kernel)
        let pmdSize = mappings.kernel.geometry.pmdSize
        rows = mappings.entries.map { entry in
            Row(
                entry: entry, filesystem: mappings.filesystem(of: entry),
                chunkBytes: mappings.wholeChunks(entry) * pmdSize,
                way: mappings.way(entry))
        }
    }

    /// Sums over mappings.
    struct Totals: Encodable, Equatable {
        var mappings = 0
        var bytes = 0
        var residentBytes = 0
        var pmdMappedBytes = 0
        /// Bytes in whole chunks that are mapped by PMDs or could be.
        var possibleBytes = 0
        /// Of those, the executable ones, and what is mapped of them.
        var textBytes = 0
        var textPossibleBytes = 0
        var textPmdMappedBytes = 0

        mutating func add(_ row: Row) {
            mappings += 1
            bytes += row.entry.range.length
            residentBytes += row.entry.rss
            pmdMappedBytes += row.entry.pmdMapped
            let possible = row.possibleBytes
            possibleBytes += possible
            guard row.entry.executable else { return }
            textBytes += row.entry.range.length
            textPossibleBytes += possible
            textPmdMappedBytes += row.entry.pmdMapped
        }
    }

    var totals: Totals {
        var totals = Totals()
        for row in rows { totals.add(row) }
        return totals
    }

    // MARK: As it is printed

    /// For a person.
    var text: String {
        var table = TextTable("address", "", "size", "resident", "by PMDs", "could be", "by", "file", "why")
        for row in rows {
            table.add(
                String(row.entry.range.start, radix: 16), row.entry.permissions, Self.size(row.entry.range.length),
                Self.size(row.entry.rss), Self.size(row.entry.pmdMapped), Self.size(row.possibleBytes),
                row.way.way.rawValue + (row.way.route.map { " (\($0.rawValue))" } ?? ""), row.entry.path, row.way.reason
            )
        }
        let totals = totals
        return
            (["process \(process) (\(command)): \(totals.mappings) mappings of files"] + table.lines(indent: 2) + [
                "of \(Self.size(totals.bytes)), \(Self.size(totals.residentBytes)) resident: "
                    + "\(Self.size(totals.pmdMappedBytes)) mapped by PMDs, \(Self.size(totals.possibleBytes)) could be; "
                    + "of \(Self.size(totals.textBytes)) of program text \(Self.size(totals.textPmdMappedBytes)), "
                    + "\(Self.size(totals.textPossibleBytes)) could be"
            ]).joined(separator: "\n")
    }

    private static func size(_ bytes: Int) -> String { bytes == 0 ? "0" : ByteSize(bytes: bytes).description }

    private enum Key: String, CodingKey { case process, command, mappings, totals }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(process, forKey: .process)
        try container.encode(command, forKey: .command)
        try container.encode(rows, forKey: .mappings)
        try container.encode(totals, forKey: .totals)
    }
}

extension ProcessScan.Row: Encodable {
    /// Bytes that are mapped by PMDs or could be.
    var possibleBytes: Int {
        switch way.way {
        case .mapped, .collapse, .promote, .mount: max(chunkBytes, entry.pmdMapped)
        case .never, .unknown: entry.pmdMapped
        }
    }

    private enum Key: String, CodingKey {
        case address, length, offset, path, filesystem, protection, residentBytes, pmdMappedBytes, possibleBytes, way,
            route, reason
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("0x" + String(entry.range.start, radix: 16), forKey: .address)
        try container.encode(entry.range.length, forKey: .length)
        try container.encode(entry.offset, forKey: .offset)
        try container.encode(entry.path, forKey: .path)
        try container.encode(filesystem, forKey: .filesystem)
        try container.encode(entry.permissions, forKey: .protection)
        try container.encode(entry.rss, forKey: .residentBytes)
        try container.encode(entry.pmdMapped, forKey: .pmdMappedBytes)
        try container.encode(possibleBytes, forKey: .possibleBytes)
        try container.encode(way.way.rawValue, forKey: .way)
        try container.encode(way.route?.rawValue, forKey: .route)
        try container.encode(way.reason, forKey: .reason)
    }
}
