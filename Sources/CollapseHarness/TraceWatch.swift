import FolioPolicy
import Glibc
import LinuxFacts

/// The trace of one scenario, its own collapses told from those of khugepaged.
final class TraceWatch {
    /// Whether another thread, that is khugepaged, collapsed a chunk of the file meanwhile: then nothing that was seen
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

    /// The last SCAN code of this thread's since the last call, as printed.
    func lastResult() -> String? {
        let records = (trace?.drain() ?? []).filter { $0.event == "mm_khugepaged_scan_file" }
        let thread = getpid()
        disturbed =
            disturbed
            || records.contains {
                $0.thread != thread && $0.filename == filename
                    && ($0.reason == .succeed || $0.reason == .pteMappedHugePage)
            }
        return records.last { $0.thread == thread }?.result
    }
}
