/// What a userfaultfd(2) watches a mapping for.
///
/// Source: Linux include/linux/userfaultfd_k.h VM_UFFD_MISSING, VM_UFFD_WP, VM_UFFD_MINOR.
public struct UserfaultfdModes: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Modes from their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// UFFDIO_REGISTER_MODE_MISSING: pages that are not there are the monitor's to fill.
    public static let missing = UserfaultfdModes(rawValue: 1 << 0)
    /// UFFDIO_REGISTER_MODE_WP: stores are the monitor's to allow.
    public static let writeProtect = UserfaultfdModes(rawValue: 1 << 1)
    /// UFFDIO_REGISTER_MODE_MINOR: pages that are cached but not mapped are the monitor's to map.
    public static let minor = UserfaultfdModes(rawValue: 1 << 2)

    /// The modes by their names in a query document.
    public static let named: [(name: String, mode: UserfaultfdModes)] = [
        ("missing", .missing), ("writeProtect", .writeProtect), ("minor", .minor),
    ]
}
