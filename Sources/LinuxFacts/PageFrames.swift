package import FolioPolicy
import Glibc
package import SystemPackage

/// /proc/PID/pagemap and /proc/kpageflags: physical frames and folios behind a mapping. Needs CAP_SYS_ADMIN.
///
/// Source: Documentation/admin-guide/mm/pagemap.rst; Linux 6.18 fs/proc/task_mmu.c, fs/proc/page.c.
package enum PageFrames {
    /// The frame number in an entry of /proc/PID/pagemap; nil where nothing is mapped, or to a caller without
    /// CAP_SYS_ADMIN, who is shown 0.
    package static func frame(ofEntry entry: UInt64) -> UInt64? {
        guard entry >> 63 & 1 == 1, entry >> 62 & 1 == 0 else { return nil }
        let number = entry & (1 << 55 - 1)
        return number == 0 ? nil : number
    }

    /// The folio that a frame belongs to: its head's frame number and its order.
    ///
    /// - Parameters:
    ///   - frame: a frame number.
    ///   - maximum: the largest order looked for.
    ///   - flags: the flags of a frame; nil where there is none.
    package static func folio(
        of frame: UInt64, maximum: FolioOrder, flags: (UInt64) -> PageFrame.Flags?
    ) -> (head: UInt64, order: FolioOrder) {
        guard let own = flags(frame), !own.isDisjoint(with: [.compoundHead, .compoundTail]) else {
            return (frame, .zero)
        }
        let limit = UInt64(1) << UInt64(min(maximum.rawValue, 20))
        var head = frame
        while frame - head < limit, head > 0, let here = flags(head), here.contains(.compoundTail) { head -= 1 }
        var count: UInt64 = 1
        while count < limit, let here = flags(head + count), here.contains(.compoundTail) { count += 1 }
        return (head, FolioOrder(UInt8(count.trailingZeroBitCount)))
    }

    /// The mapped pages of `range` in a process; nil: the caller's. Pages without a page table entry are left out.
    /// - Throws: EPERM without CAP_SYS_ADMIN; EACCES, ENOENT as open(2) says.
    package static func numbers(
        _ range: AddressRange, process: Int32? = nil, geometry: PageGeometry
    ) throws(Errno) -> [MappedPage] {
        let pageSize = UInt64(geometry.pageSize)
        guard pageSize > 0, range.length > 0 else { return [] }
        let path = "/proc/\(process.map(String.init) ?? "self")/pagemap"
        let pagemap = try systemCall { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(pagemap) }
        let first = range.start / pageSize
        let count = Int((range.end + pageSize - 1) / pageSize - first)
        var pages: [MappedPage] = []
        for (index, entry) in try words(pagemap, from: first, count: count).enumerated() where entry >> 63 & 1 == 1 {
            guard let number = frame(ofEntry: entry) else { throw .notPermitted }
            pages.append(MappedPage(address: (first + UInt64(index)) * pageSize, number: number))
        }
        return pages
    }

    /// The same with their folios and flags.
    package static func read(
        _ range: AddressRange, process: Int32? = nil, geometry: PageGeometry
    ) throws(Errno) -> [PageFrame] {
        let pages = try numbers(range, process: process, geometry: geometry)
        guard !pages.isEmpty else { return [] }
        var table = try FlagTable()
        defer { table.close() }
        var frames: [PageFrame] = []
        frames.reserveCapacity(pages.count)
        for page in pages {
            let (address, number) = (page.address, page.number)
            if let last = frames.last, last.order > .zero, last.address + UInt64(geometry.pageSize) == address,
                last.number + 1 == number, number < last.head + (1 << UInt64(last.order.rawValue))
            {
                let flags = table.flags(number) ?? []
                frames.append(
                    PageFrame(address: address, number: number, flags: flags, head: last.head, order: last.order))
                continue
            }
            let folio = folio(of: number, maximum: geometry.pmdOrder) { table.flags($0) }
            frames.append(
                PageFrame(
                    address: address, number: number, flags: table.flags(number) ?? [], head: folio.head,
                    order: folio.order))
        }
        return frames
    }

    /// `count` 64-bit words of a file of such, from word `first`; fewer at its end.
    fileprivate static func words(_ descriptor: Int32, from first: UInt64, count: Int) throws(Errno) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = try systemCall {
                words.withUnsafeMutableBytes {
                    pread(
                        descriptor, $0.baseAddress?.advanced(by: done * 8), (count - done) * 8,
                        off_t(first) * 8 + off_t(done) * 8)
                }
            }
            guard got >= 8 else { break }
            done += got / 8
        }
        return Array(words[..<done])
    }

    /// /proc/kpageflags, read by aligned blocks: the kernel works out each frame's flags anew, so that what lies scattered is
    /// read in small ones.
    private struct FlagTable {
        private static let reach: UInt64 = 16
        private let descriptor: Int32
        private var blocks: [UInt64: [UInt64]] = [:]
        /// The block that was asked for last: frames are asked for in order.
        private var recent: (first: UInt64, words: [UInt64]) = (.max, [])

        init() throws(Errno) {
            descriptor = try systemCall { open("/proc/kpageflags", O_RDONLY | O_CLOEXEC) }
        }

        func close() { _ = Glibc.close(descriptor) }

        mutating func flags(_ frame: UInt64) -> PageFrame.Flags? {
            let first = frame & ~(Self.reach - 1)
            if recent.first != first {
                if let block = blocks[first] {
                    recent = (first, block)
                } else {
                    recent = (first, (try? PageFrames.words(descriptor, from: first, count: Int(Self.reach))) ?? [])
                    blocks[first] = recent.words
                }
            }
            let index = Int(frame - first)
            return index < recent.words.count ? PageFrame.Flags(rawValue: recent.words[index]) : nil
        }
    }
}
