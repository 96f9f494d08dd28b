import CollapseHarness
import FolioCapability
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// What was done from outside for the file mappings of a running process, before and after.
struct ProcessCollapseReport: Encodable {
    /// One mapping that holds a chunk.
    struct Row {
        let entry: SmapsEntry
        let chunkBytes: Int
        let chunks: [CollapseReport.Chunk]
        /// Bytes that PMDs mapped before, and do now.
        let before: Int
        var after: Int
        let way: MappingWay
        /// What came of promoting its file; nil: it was not promoted.
        let promoted: Promoted?

        /// Bytes of a file's whole chunks, and of those that PMDs can map now.
        struct Promoted: Encodable, Equatable {
            let eligibleBytes: Int
            let pmdBytes: Int
        }
    }

    let process: Int32
    private(set) var rows: [Row] = []

    /// Collapses what can be, and promotes the files of which the rest is to be had from their page cache.
    ///
    /// - Parameter promote: promotes a file; nil where it cannot.
    /// - Throws: ESRCH where the process ends meanwhile; EPERM where the caller may not.
    init(
        _ process: Int32, reader: FactReader, registry: CapabilityRegistry, kernel: KernelFacts,
        trace: KhugepagedTrace?,
        promote: (FilePath) -> Row.Promoted?
    ) throws {
        self.process = process
        let run = try ProcessCollapse(process, geometry: kernel.geometry, trace: trace)
        let mappings = try ProcessMappings(process, reader: reader, registry: registry, kernel: kernel)
        let pmdSize = mappings.kernel.geometry.pmdSize
        var promotions: [FilePath: Row.Promoted?] = [:]
        for entry in mappings.entries where mappings.wholeChunks(entry) > 0 {
            let path = mappings.path(of: entry)
            let file = path.flatMap { try? FileDescriptor.open($0, .readOnly, options: [.closeOnExec, .nonBlocking]) }
            defer { try? file?.close() }
            let way = mappings.way(entry)
            let chunks = try mappings.collapses(entry).map { part, decision in
                try run.collapse(part, decision, file: file?.rawValue)
            }
            let count = mappings.wholeChunks(entry)
            var promoted: Row.Promoted?
            if way.way == .promote, let path {
                promoted = promotions[path] ?? promote(path)
                promotions[path] = .some(promoted)
            }
            rows.append(
                Row(
                    entry: entry, chunkBytes: count * pmdSize, chunks: chunks, before: entry.pmdMapped,
                    after: entry.pmdMapped, way: way, promoted: promoted))
        }
        let now = Dictionary(
            try Smaps.read(process: process).map { ($0.range.start, $0.pmdMapped) }, uniquingKeysWith: { $1 })
        for index in rows.indices { rows[index].after = now[rows[index].entry.range.start] ?? 0 }
    }

    /// Chunks that the kernel treated as predicted.
    var agreed: Int { rows.reduce(0) { $0 + $1.chunks.count { $0.agreement.isAgreed } } }
    /// Chunks that were tried.
    var total: Int { rows.reduce(0) { $0 + $1.chunks.count } }
    /// Whether the kernel did otherwise with some chunk.
    var disagrees: Bool { rows.contains { !$0.disagreements.isEmpty } }

    // MARK: As it is printed

    /// For a person.
    var text: String {
        var table = TextTable("address", "", "chunks of", "by PMDs before", "after", "file", "what came of it")
        for row in rows {
            table.add(
                String(row.entry.range.start, radix: 16), row.entry.permissions, Self.size(row.chunkBytes),
                Self.size(row.before), Self.size(row.after), row.entry.path, row.outcome)
        }
        let (before, after) = (rows.reduce(0) { $0 + $1.before }, rows.reduce(0) { $0 + $1.after })
        return
            (["process \(process): \(agreed) of \(total) chunks as predicted"] + table.lines(indent: 2) + [
                "mapped by PMDs: \(Self.size(before)) before, \(Self.size(after)) after"
            ]).joined(separator: "\n")
    }

    static func size(_ bytes: Int) -> String { bytes == 0 ? "0" : ByteSize(bytes: bytes).description }

    private enum Key: String, CodingKey { case process, agreed, total, mappings, pmdMappedBefore, pmdMappedAfter }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(process, forKey: .process)
        try container.encode(agreed, forKey: .agreed)
        try container.encode(total, forKey: .total)
        try container.encode(rows.reduce(0) { $0 + $1.before }, forKey: .pmdMappedBefore)
        try container.encode(rows.reduce(0) { $0 + $1.after }, forKey: .pmdMappedAfter)
        try container.encode(rows, forKey: .mappings)
    }
}

extension ProcessCollapseReport.Row: Encodable {
    /// The chunks with which the kernel did otherwise than predicted.
    var disagreements: [CollapseReport.Chunk] {
        chunks.filter { if case .disagreed = $0.agreement { true } else { false } }
    }

    /// How many chunks the call ended with which errno, `0` where it succeeded.
    var answers: [String: Int] {
        Dictionary(chunks.map { ($0.seen.errno ?? "0", 1) }, uniquingKeysWith: +)
    }

    /// The rules that deny, each with what it looked at.
    private var denials: [String] {
        Set(chunks.filter { $0.decision.verdict == .denied }.compactMap { PredictionDocument($0.decision).rule })
            .sorted()
    }

    /// In words what was done, and why no more.
    var outcome: String {
        var parts: [String] = []
        if let first = disagreements.first, case .disagreed(let differences) = first.agreement {
            parts.append("DISAGREED at +\(String(first.offset, radix: 16)): " + differences.joined(separator: "; "))
        }
        let done = answers["0"] ?? 0
        if done > 0 { parts.append("MADV_COLLAPSE of \(done) of \(chunks.count) chunks") }
        let refused = answers.filter { $0.key != "0" }.keys.sorted()
        if !refused.isEmpty {
            let why = denials.first.map { ": " + $0 } ?? ""
            parts.append("MADV_COLLAPSE refused with \(refused.joined(separator: ", "))" + why)
        }
        if let promoted {
            parts.append(
                "its file promoted, \(ProcessCollapseReport.size(promoted.pmdBytes)) of "
                    + "\(ProcessCollapseReport.size(promoted.eligibleBytes)): for chunks that nobody has mapped yet")
        }
        if after < chunkBytes, promoted == nil, way.way != .collapse { parts.append(way.reason) }
        return parts.joined(separator: "; ")
    }

    private enum Key: String, CodingKey {
        case address, length, offset, path, protection, chunkBytes, pmdMappedBefore, pmdMappedAfter, answers, agreed,
            total,
            disagreements, deniedBy, promoted, way, reason
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("0x" + String(entry.range.start, radix: 16), forKey: .address)
        try container.encode(entry.range.length, forKey: .length)
        try container.encode(entry.offset, forKey: .offset)
        try container.encode(entry.path, forKey: .path)
        try container.encode(entry.permissions, forKey: .protection)
        try container.encode(chunkBytes, forKey: .chunkBytes)
        try container.encode(before, forKey: .pmdMappedBefore)
        try container.encode(after, forKey: .pmdMappedAfter)
        try container.encode(answers, forKey: .answers)
        try container.encode(chunks.count { $0.agreement.isAgreed }, forKey: .agreed)
        try container.encode(chunks.count, forKey: .total)
        try container.encode(disagreements, forKey: .disagreements)
        try container.encode(denials, forKey: .deniedBy)
        try container.encode(promoted, forKey: .promoted)
        try container.encode(way.way.rawValue, forKey: .way)
        try container.encode(way.reason, forKey: .reason)
    }
}
