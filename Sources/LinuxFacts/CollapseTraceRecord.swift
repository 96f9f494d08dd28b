package import FolioPolicy

/// One line of the huge_memory tracepoints: what a collapse did and how it ended.
///
/// Source: Linux 6.18 include/trace/events/huge_memory.h mm_khugepaged_scan_file, mm_khugepaged_collapse_file,
/// mm_khugepaged_scan_pmd, mm_collapse_huge_page.
package struct CollapseTraceRecord: Hashable, Sendable {
    /// The tracepoint: `mm_khugepaged_scan_file`.
    package var event: String
    /// The name of the thread that ran the collapse (proc(5) /proc/PID/comm). Its id is not kept: that is the one of the initial PID
    /// namespace, so that a process in another one does not know its own.
    package var threadName: String
    /// Whether khugepaged did it.
    package var isKhugepaged: Bool { threadName == "khugepaged" }
    /// Whether it tells of one chunk of a file, looked at and perhaps collapsed.
    package var isFileScan: Bool { event == "mm_khugepaged_scan_file" }
    /// The base name of the file; nil where the tracepoint does not have it.
    package var filename: String?
    /// The page index in the file that the collapse had come to: where it succeeded, the one after the chunk
    /// (collapse_file only; measured 6.18).
    package var index: Int?
    /// The virtual address (collapse_file only).
    package var address: UInt64?
    /// Whether the file is shmem's (collapse_file only).
    package var isShmem: Bool?
    /// The result as printed: `not_suitable_page_count`.
    package var result: String
    /// The result as a SCAN code; nil for one that is not known.
    package var reason: ScanReason? { ScanReason(traced: result) }

    /// A line of a trace or trace_pipe file; nil where it is none of these tracepoints.
    ///
    /// A file name may hold anything but a slash, so fields are sought from both ends.
    package static func parse(_ line: some StringProtocol) -> CollapseTraceRecord? {
        let line = String(line)
        for event in events {
            guard let mark = line.firstRange(of: event + ": ") else { continue }
            let head = line[..<mark.lowerBound]
            let body = line[mark.upperBound...]
            guard let threadName = threadName(head), let result = result(body) else { return nil }
            var record = CollapseTraceRecord(event: event, threadName: threadName, result: result)
            record.takeFields(body)
            return record
        }
        return nil
    }

    private static let events = [
        "mm_khugepaged_scan_file", "mm_khugepaged_collapse_file", "mm_khugepaged_scan_pmd",
        "mm_collapse_huge_page",
    ]

    /// `           comm-1234    [001] .....`: what is before the last hyphen; the comm may hold anything.
    private static func threadName(_ head: Substring) -> String? {
        guard let bracket = head.lastIndex(of: "["), let hyphen = head[..<bracket].lastIndex(of: "-") else {
            return nil
        }
        return String(head[..<hyphen].drop { $0 == " " })
    }

    private static func result(_ body: Substring) -> String? {
        for key in ["result=", "status="] {
            var found: Substring?
            var rest = body
            while let mark = rest.firstRange(of: key) {
                rest = rest[mark.upperBound...]
                found = rest
            }
            guard let found else { continue }
            let word = found.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            if !word.isEmpty { return String(word) }
        }
        return nil
    }

    private mutating func takeFields(_ body: Substring) {
        let begin = body.firstRange(of: "filename=")
        let fixed = begin.map { body[..<$0.lowerBound] } ?? body
        for field in fixed.split(separator: ",") {
            let pair = field.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            switch pair[0].drop(while: { $0 == " " }) {
            case "index": index = Int(pair[1])
            case "addr": address = UInt64(pair[1], radix: 16)
            case "is_shmem": isShmem = pair[1] == "1"
            default: break
            }
        }
        guard let begin else { return }
        let after = body[begin.upperBound...]
        var end = after.startIndex
        for mark in [", present=", ", nr="] {
            var rest = after
            while let found = rest.firstRange(of: mark) {
                end = max(end, found.lowerBound)
                rest = rest[found.upperBound...]
            }
        }
        if end > after.startIndex { filename = String(after[..<end]) }
    }
}

extension ScanReason {
    /// The code that a tracepoint prints as `text`; nil for none that is known.
    package init?(traced text: String) {
        // SCAN_DEL_PAGE_LRU is printed in two ways.
        switch text {
        case "could_not_delete_page_from_lru", "could_not_isolate_page": self = .deletePageLRU
        default: self.init(rawValue: text)
        }
    }
}
