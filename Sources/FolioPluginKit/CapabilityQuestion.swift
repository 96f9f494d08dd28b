import CFolioPlugin

/// What is asked of a plugin: about one file, on the running kernel or another.
public struct CapabilityQuestion: Hashable, Sendable {
    /// A kernel's version.
    public struct Kernel: Hashable, Comparable, Sendable {
        /// The first number: 6 of 6.18.44.
        public let major: Int
        /// The second number: 18 of 6.18.44.
        public let minor: Int
        /// The third number: 44 of 6.18.44.
        public let patch: Int

        /// A version from its numbers.
        public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
            self.major = major
            self.minor = minor
            self.patch = patch
        }

        /// Compares number by number.
        public static func < (left: Kernel, right: Kernel) -> Bool {
            (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
        }
    }

    /// The file's absolute path.
    public var path: String
    /// The filesystem's type as /proc/self/mountinfo names it.
    public var filesystem: String
    /// The kernel that is asked about; nil: unknown.
    public var kernel: Kernel?
    /// Mount and superblock options, a flag without value having the value ""; nil: unknown.
    public var mountOptions: [String: String]?
    /// Bytes in a block; nil: unknown.
    public var blockSize: Int?
    /// Bytes in a page.
    public var pageSize: Int
    /// The order of the folio that one PMD entry maps.
    public var pmdOrder: Int
    /// The largest order a page cache can hold.
    public var maximumOrder: Int

    /// A question from its parts.
    public init(
        path: String, filesystem: String, kernel: Kernel?, mountOptions: [String: String]? = nil, blockSize: Int? = nil,
        pageSize: Int = 4096, pmdOrder: Int = 9, maximumOrder: Int = 9
    ) {
        self.path = path
        self.filesystem = filesystem
        self.kernel = kernel
        self.mountOptions = mountOptions
        self.blockSize = blockSize
        self.pageSize = pageSize
        self.pmdOrder = pmdOrder
        self.maximumOrder = maximumOrder
    }

    /// What the host asks.
    init(_ raw: folio_plugin_question) {
        let isKnown = raw.kernel_major != 0 || raw.kernel_minor != 0
        var options: [String: String]?
        if var next = raw.mount_options {
            var found: [String: String] = [:]
            while let option = next.pointee {
                let parts = String(cString: option).split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                found[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
                next += 1
            }
            options = found
        }
        self.init(
            path: raw.path.map { String(cString: $0) } ?? "",
            filesystem: raw.filesystem.map { String(cString: $0) } ?? "",
            kernel: isKnown
                ? Kernel(Int(raw.kernel_major), Int(raw.kernel_minor), Int(raw.kernel_patch)) : nil,
            mountOptions: options, blockSize: raw.block_size == 0 ? nil : Int(raw.block_size),
            pageSize: Int(raw.page_size), pmdOrder: Int(raw.pmd_order), maximumOrder: Int(raw.maximum_order))
    }
}
