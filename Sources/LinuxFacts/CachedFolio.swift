import CLinuxShims
package import FolioPolicy
import Glibc
package import SystemPackage

/// One folio of a file's page cache.
package struct CachedFolio: Hashable, Sendable {
    /// The file offset of its first page in bytes.
    package var offset: Int
    /// Its order.
    package var order: FolioOrder
    /// The physical frame number of its first page.
    package var frame: UInt64
    /// Whether its flags say dirty or writeback.
    package var dirty: Bool
    /// Whether the filesystem keeps something for it, such as its buffers (PG_private).
    package var filesystemData: Bool

    /// The folios in the page cache of `length` bytes from `offset` (multiples of the page size) of an open file; 0: to
    /// its end.
    ///
    /// Nothing is read in: only pages that mincore(2) finds are touched, in a mapping under MADV_RANDOM, so that neither
    /// readahead is started nor a page marked as used; one page off, so that khugepaged finds nothing to collapse in it;
    /// and nothing else is mapped in what their page tables cover, so that none of them stays. A folio that begins before
    /// `offset` is given as its part from there on has its own first offset all the same.
    /// - Throws: EPERM without CAP_SYS_ADMIN; of mmap(2): ENODEV for a file that cannot be mapped.
    package static func read(
        _ descriptor: FileDescriptor, offset: Int = 0, length: Int = 0, geometry: PageGeometry
    ) throws(Errno) -> [CachedFolio] {
        let presence = try CacheResidency.presence(descriptor, offset: offset, length: length)
        guard presence.contains(true) else { return [] }
        let page = geometry.pageSize
        let size = presence.count * page
        let around = geometry.pmdTableSize
        let reserved = (size / around + 2) * around
        let reservation = mmap(nil, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let reservation, reservation != MAP_FAILED else { throw Errno(rawValue: errno) }
        defer { munmap(reservation, reserved) }
        let place = UnsafeMutableRawPointer(
            bitPattern: (UInt(bitPattern: reservation) / UInt(around) + 1) * UInt(around) + UInt(page))
        let mapped = mmap(place, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor.rawValue, offset)
        guard let mapped, mapped != MAP_FAILED else { throw Errno(rawValue: errno) }
        _ = try systemCall { madvise(mapped, size, Int32(FOLIO_MADV_RANDOM)) }
        for (index, present) in presence.enumerated() where present {
            folio_touch(mapped + index * page, 1, 1)
        }
        let start = UInt64(UInt(bitPattern: mapped))
        let frames = try PageFrames.read(AddressRange(start, start + UInt64(size)), geometry: geometry)
        var folios: [CachedFolio] = []
        for frame in frames {
            let index = Int((frame.address - start) / UInt64(page)) - Int(frame.number - frame.head)
            let first = offset + index * page
            let dirty = !frame.flags.isDisjoint(with: [.dirty, .writeback])
            let data = frame.flags.contains(.filesystemData)
            if let last = folios.last, last.frame == frame.head, last.offset == first {
                if dirty { folios[folios.count - 1].dirty = true }
                if data { folios[folios.count - 1].filesystemData = true }
            } else {
                folios.append(
                    CachedFolio(
                        offset: first, order: frame.order, frame: frame.head, dirty: dirty, filesystemData: data))
            }
        }
        return folios
    }
}
