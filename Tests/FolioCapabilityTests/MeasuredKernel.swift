import FolioPolicy

/// A kernel on which the cells of the tables were measured.
enum MeasuredKernel: String, CaseIterable, Sendable {
    case linux6_1 = "6.1.192 with READ_ONLY_THP_FOR_FS"
    case linux6_12 = "6.12.117 with READ_ONLY_THP_FOR_FS"
    case linux6_12off = "6.12.117 without READ_ONLY_THP_FOR_FS"
    case linux6_18off = "6.18.44 without READ_ONLY_THP_FOR_FS"
    case linux7_3 = "7.3.4"

    var facts: KernelFacts {
        let btrfs = ["BTRFS_EXPERIMENTAL": false]
        switch self {
        case .linux6_1: return known(6, 1, 192, fallback: true)
        case .linux6_12: return known(6, 12, 117, fallback: true)
        case .linux6_12off: return known(6, 12, 117, fallback: false)
        case .linux6_18off: return known(6, 18, 44, fallback: false)
        case .linux7_3: return KernelFacts(version: KernelVersion(7, 3, 4), config: btrfs)
        }
    }

    private func known(_ major: Int, _ minor: Int, _ patch: Int, fallback: Bool) -> KernelFacts {
        KernelFacts(
            version: KernelVersion(major, minor, patch),
            config: ["READ_ONLY_THP_FOR_FS": fallback, "BTRFS_EXPERIMENTAL": false])
    }
}
