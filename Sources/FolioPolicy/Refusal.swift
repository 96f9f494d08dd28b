/// What a caller and a tracepoint see where a rule denies.
struct Refusal: Equatable, Sendable {
    /// What madvise(2) returns by name; nil: the operation returns nothing.
    let errno: Errno?
    /// The SCAN code of the huge_memory tracepoints; nil: refused before the scan.
    let scan: ScanReason?

    /// The names of the errnos that MADV_COLLAPSE returns.
    enum Errno: String, Sendable {
        case invalid = "EINVAL"
        case again = "EAGAIN"
        case busy = "EBUSY"
        case noMemory = "ENOMEM"
    }

    /// Refused before any scan: EINVAL where a call was made.
    static func beforeScan(_ operation: Operation) -> Refusal {
        Refusal(errno: operation.returnsErrno ? .invalid : nil, scan: nil)
    }
}

extension Operation {
    /// Whether it is a MADV_COLLAPSE, of this process or of another.
    var isCollapse: Bool { self == .collapse || self == .processCollapse }

    /// Whether it is a call that returns an errno where it brings no PMD mapping about.
    var returnsErrno: Bool { isCollapse }

    /// Whether it runs collapse_file().
    var collapses: Bool { isCollapse || self == .khugepaged }

    /// Whether it is a page fault, by a touch or by MADV_POPULATE_READ.
    var faults: Bool { self == .fault || self == .populate }
}
