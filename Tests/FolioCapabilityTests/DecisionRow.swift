import FolioPolicy
import Foundation
import Testing

@testable import FolioCapability

/// One line of Decisions/decisions.table for one of its kernels: a question, and what the kernel does.
struct DecisionRow: Sendable, CustomStringConvertible {
    /// What a kernel does.
    enum Expectation: Hashable, Sendable {
        /// Every whole chunk is PMD-mapped.
        case mapped
        /// It is not. The errno, nil where no call returns one; the SCAN code, nil where it is not compared, "" where no
        /// scan takes place.
        case refused(errno: String?, scan: String?)
        /// The facts do not tell.
        case unknown
    }

    let line: Int
    let kernel: String
    let filesystem: String
    let operation: FolioPolicy.Operation
    let situation: String
    let expectation: Expectation
    let source: String

    var description: String { "line \(line): \(kernel) \(filesystem) \(operation.rawValue) \(situation)" }

    /// Every line for every kernel of it.
    static let all: [DecisionRow] = {
        guard let file = Bundle.module.url(forResource: "decisions", withExtension: "table", subdirectory: "Decisions"),
            let text = try? String(contentsOf: file, encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { number, line in
            line.isEmpty || line.hasPrefix("#") ? [] : rows(line, number + 1)
        }
    }()

    private static func rows(_ text: Substring, _ line: Int) -> [DecisionRow] {
        let cells = text.split(separator: "|", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        precondition(cells.count == 6 && !cells[5].isEmpty, "line \(line) has not six cells, or no source")
        guard let operation = FolioPolicy.Operation(rawValue: cells[2]) else {
            preconditionFailure("line \(line): no operation \(cells[2])")
        }
        return cells[0].split(separator: " ").map { kernel in
            DecisionRow(
                line: line, kernel: String(kernel), filesystem: cells[1], operation: operation, situation: cells[3],
                expectation: expectation(cells[4], line), source: cells[5])
        }
    }

    private static func expectation(_ text: String, _ line: Int) -> Expectation {
        let words = text.split(separator: " ").map(String.init)
        switch words.first {
        case "yes"? where words.count == 1: return .mapped
        case "unknown"? where words.count == 1: return .unknown
        case "no"? where words.count <= 2: return .refused(errno: nil, scan: words.dropFirst().first)
        case let errno? where errno.hasPrefix("E") && words.count <= 2:
            return .refused(errno: errno, scan: words.dropFirst().first.map { $0 == "-" ? "" : $0 })
        default: preconditionFailure("line \(line): no expectation \(text)")
        }
    }

    /// The question as a document.
    var document: QueryDocument {
        var document = QueryDocument(
            kernel: Self.kernel(kernel), system: SystemFacts(enabled: .madvise, shmemEnabled: .never),
            filesystem: FilesystemFacts(type: nil),
            file: FileFacts(
                size: 4 << 20, openForWrite: false, dirty: false, inodeFlags: [], compressed: false,
                cachedOrders: [.zero]),
            mapping: MappingFacts(
                address: 0x7f00_0000_0000, offset: 0, length: 4 << 20, touched: true, advice: MappingAdvice.none),
            operation: operation)
        DecisionFilesystem.apply(filesystem, to: &document)
        for word in situation.split(separator: " ") { DecisionSituation.apply(String(word), to: &document) }
        return document
    }

    private static func kernel(_ text: String) -> KernelFacts {
        var facts = KernelFacts(
            version: KernelVersion(text), config: ["BTRFS_EXPERIMENTAL": false, "TRANSPARENT_HUGEPAGE": true])
        switch text.last {
        case "+"?: facts.config["READ_ONLY_THP_FOR_FS"] = true
        case "?"?: break
        default: facts.config["READ_ONLY_THP_FOR_FS"] = false
        }
        return facts
    }
}
