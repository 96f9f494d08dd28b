/// Which errno MADV_COLLAPSE returns for each SCAN result, as rows of data.
///
/// Source: Linux mm/khugepaged.c madvise_collapse_errno(), read in 6.1, 6.2, 6.4 to 6.19, 7.0, 7.1, 7.2, 7.3.
enum ScanErrno {
    /// Results that are one errno on a range of kernels.
    struct Row: Sendable {
        let reasons: [ScanReason]
        let kernels: KernelRange
        let errno: Refusal.Errno
    }

    /// Every row; what is in none of them is EINVAL.
    static let rows: [Row] = [
        Row(reasons: [.allocationFailed], kernels: KernelEra.collapse, errno: .noMemory),
        Row(reasons: [.cgroupCharge], kernels: KernelEra.collapse, errno: .busy),
        Row(reasons: [.exceedNonePTE], kernels: KernelRange(from: KernelVersion(6, 3)), errno: .busy),
        Row(reasons: [.pageCount, .pageLock, .pageLRU, .deletePageLRU], kernels: KernelEra.collapse, errno: .again),
        Row(reasons: [.pageFilled], kernels: KernelRange(from: KernelVersion(6, 3)), errno: .again),
        Row(reasons: [.dirtyOrWriteback], kernels: KernelRange(from: KernelVersion(7, 0)), errno: .again),
        Row(reasons: [.pageHasPrivate], kernels: KernelRange(from: KernelVersion(7, 2)), errno: .again),
    ]

    /// The errno of a SCAN result on a kernel.
    static func errno(of reason: ScanReason, on version: KernelVersion) -> Refusal.Errno {
        rows.first { $0.kernels.contains(version) && $0.reasons.contains(reason) }?.errno ?? .invalid
    }
}

/// The errno that MADV_COLLAPSE returns for a SCAN result on a kernel, by name; nil for results that are success.
public func collapseErrno(of reason: ScanReason, on version: KernelVersion) -> String? {
    switch reason {
    case .succeed, .pmdMapped: nil
    default: ScanErrno.errno(of: reason, on: version).rawValue
    }
}
