import CLinuxShims
package import FolioPolicy
import Glibc
package import LinuxFacts
import SystemPackage

/// Sees the state of one mapping, in this process or another.
package struct MappingObserver: Sendable {
    /// The machine's page sizes.
    package let geometry: PageGeometry
    /// Whose mapping; nil: the caller's.
    package let process: Int32?

    /// An observer of a process; nil: the caller.
    package init(geometry: PageGeometry, process: Int32? = nil) {
        self.geometry = geometry
        self.process = process
    }

    /// Whether PMDs map all of `range`; nil where it cannot be seen.
    ///
    /// By PAGEMAP_SCAN; before 6.7 by the sizes in smaps of a mapping made to end where the range does.
    package func isPmdMapped(_ range: AddressRange) -> Bool? {
        guard range.length >= geometry.pmdSize, range.start % UInt64(geometry.pmdSize) == 0 else { return false }
        do {
            return try PagemapScan.pmdMappedBytes(range, process: process) == range.length
        } catch .inappropriateIOCTLForDevice {
            return pmdMappedBySmaps(range)
        } catch {
            return nil
        }
    }

    /// The pages of `range`; nil where they cannot be seen (no CAP_SYS_ADMIN).
    package func frames(_ range: AddressRange) -> [PageFrame]? {
        try? PageFrames.read(range, process: process, geometry: geometry)
    }

    /// The same without their folios, which the kernel would have to work out.
    package func pages(_ range: AddressRange) -> [MappedPage]? {
        try? PageFrames.numbers(range, process: process, geometry: geometry)
    }

    /// Whether pages that were mapped before are in other frames now; nil where none can be compared.
    package static func moved(from before: [MappedPage]?, to after: [MappedPage]?) -> Bool? {
        guard let before, let after else { return nil }
        // Both in the order of their addresses.
        var rest = after[...]
        var compared = false
        for frame in before {
            rest = rest.drop { $0.address < frame.address }
            guard let other = rest.first else { break }
            guard other.address == frame.address else { continue }
            if other.number != frame.number { return true }
            compared = true
        }
        return compared ? false : nil
    }

    /// Another advice makes the kernel split the mapping at the range's ends, so that smaps counts the range alone.
    private func pmdMappedBySmaps(_ range: AddressRange) -> Bool? {
        let address = UnsafeMutableRawPointer(bitPattern: UInt(range.start))
        if process == nil {
            guard madvise(address, range.length, Int32(FOLIO_MADV_SEQUENTIAL)) == 0 else { return nil }
        }
        defer { if process == nil { madvise(address, range.length, Int32(FOLIO_MADV_NORMAL)) } }
        guard let entry = try? Smaps.read(process: process, overlapping: range).first else { return nil }
        if entry.pmdMapped == 0 { return false }
        if entry.range == range || entry.pmdMapped >= entry.range.length { return entry.pmdMapped >= range.length }
        return nil
    }
}
