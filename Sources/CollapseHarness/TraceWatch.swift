import FolioPolicy
import LinuxFacts

/// The trace of one scenario, its own collapses told from those of khugepaged.
final class TraceWatch {
    /// Whether khugepaged collapsed a chunk of the file meanwhile: then nothing that was seen
    /// says what the operation did.
    private(set) var disturbed = false
    private let trace: KhugepagedTrace?
    private let filename: String

    /// A watch over a file, by its base name; without a trace nothing is seen.
    init(_ trace: KhugepagedTrace?, filename: String) {
        self.trace = trace
        self.filename = filename
        _ = trace?.drain()
    }

    /// Whether there is a trace.
    var isOn: Bool { trace != nil }

    /// A scan of this process's, or of the file's.
    struct Result {
        /// Whether khugepaged did not run it.
        let own: Bool
        /// The SCAN code as printed.
        let result: String
    }

    /// The scans since the last call.
    func results() -> [Result] {
        let records = trace?.drain() ?? []
        disturbed =
            disturbed
            || records.contains {
                $0.isKhugepaged && $0.filename == filename
                    && ($0.reason == .succeed || $0.reason == .pteMappedHugePage)
            }
        return records.compactMap { record in
            guard record.threadName == KhugepagedTrace.ownName || record.filename == filename else { return nil }
            return Result(own: !record.isKhugepaged, result: record.result)
        }
    }
}
