package import FolioPolicy

/// One line of the tracepoint `mm_khugepaged_scan_file`: how the look at a chunk of a file ended, and the collapse that may have followed.
///
/// Source: Linux 6.18 include/trace/events/huge_memory.h mm_khugepaged_scan_file.
package struct CollapseTraceRecord: Hashable, Sendable {
    /// The tracepoint's name.
    static let event = "mm_khugepaged_scan_file"

    /// The name of the thread that ran the collapse (proc(5) /proc/PID/comm). Its id is not kept: that is the one of the initial PID
    /// namespace, so that a process in another one does not know its own.
    package var threadName: String
    /// Whether khugepaged did it.
    package var isKhugepaged: Bool { threadName == "khugepaged" }
    /// The base name of the file; nil where the tracepoint does not have it.
    package var filename: String?
    /// The result as printed: `not_suitable_page_count`.
    package var result: String
    /// The result as a SCAN code; nil for one that is not known.
    package var reason: ScanReason? { ScanReason(traced: result) }

    /// A line of a trace or trace_pipe file; nil where it is not of this tracepoint.
    ///
    /// A file name may hold anything but a slash, so fields are sought from both ends.
    package static func parse(_ line: some StringProtocol) -> CollapseTraceRecord? {
        let line = String(line)
        guard let mark = line.firstRange(of: event + ": ") else { return nil }
        let body = line[mark.upperBound...]
        guard let threadName = threadName(line[..<mark.lowerBound]), let result = result(body) else { return nil }
        return CollapseTraceRecord(threadName: threadName, filename: filename(body), result: result)
    }

    /// `           comm-1234    [001] .....`: what is before the last hyphen; the comm may hold anything.
    private static func threadName(_ head: Substring) -> String? {
        guard let bracket = head.lastIndex(of: "["), let hyphen = head[..<bracket].lastIndex(of: "-") else {
            return nil
        }
        return String(head[..<hyphen].drop { $0 == " " })
    }

    private static func result(_ body: Substring) -> String? {
        var found: Substring?
        var rest = body
        while let mark = rest.firstRange(of: "result=") {
            rest = rest[mark.upperBound...]
            found = rest
        }
        let word = (found ?? "").prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return word.isEmpty ? nil : String(word)
    }

    private static func filename(_ body: Substring) -> String? {
        guard let begin = body.firstRange(of: "filename=") else { return nil }
        let after = body[begin.upperBound...]
        var end: Substring.Index?
        var rest = after
        while let found = rest.firstRange(of: ", present=") {
            end = found.lowerBound
            rest = rest[found.upperBound...]
        }
        return end.map { String(after[..<$0]) }
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
