import Glibc

/// How much of the caller's own memory is mapped by PMDs, on any kernel.
package enum PMDMappings {
    /// Whether the kernel tells of any part of a mapping (PAGEMAP_SCAN, 6.7 on); else of whole mappings alone, by smaps.
    package static let tellsOfParts: Bool = {
        let page = UInt64(getpagesize())
        return (try? PagemapScan.read(AddressRange(page, 2 * page))) != nil
    }()

    /// Bytes of `range` mapped by PMDs; where `tellsOfParts` is false, of the file mappings that lie wholly in it.
    package static func bytes(_ range: AddressRange) -> Int {
        if let bytes = try? PagemapScan.pmdMappedBytes(range) { return bytes }
        guard let entries = try? Smaps.read(overlapping: range) else { return 0 }
        return entries.filter { $0.range.start >= range.start && $0.range.end <= range.end }
            .reduce(0) { $0 + $1.pmdMapped }
    }
}
