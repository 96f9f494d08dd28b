import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// Looks at what the page cache holds of a file, chunk by chunk, and brings nothing into it.
struct ChunkSurvey {
    let descriptor: Int32
    let pmdSize: Int
    private let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    /// Chunks that are mapped at a time, which count as resident; one where the kernel does not tell of parts of a mapping.
    private let windowChunks = PMDMappings.tellsOfParts ? 8 : 1

    init(_ descriptor: Int32, pmdSize: Int) {
        self.descriptor = descriptor
        self.pmdSize = pmdSize
    }

    /// The first chunk at or after `offset` with data in it; nil: there is none. A hole stays a hole, and out of the cache.
    func nextChunk(_ offset: Int) -> Int? {
        let data = lseek(descriptor, off_t(offset), Int32(FOLIO_SEEK_DATA))
        guard data < 0 else { return max(offset, Int(data) / pmdSize * pmdSize) }
        return errno == ENXIO ? nil : offset
    }

    /// The chunks of `range`, whose bounds are multiples of the PMD size, that have data in them.
    ///
    /// - Parameter asksWhoMaps: whether it is to be found out who else has them mapped.
    /// - Throws: ENOMEM and the like where the file cannot be mapped.
    func chunks(of range: Range<Int>, asksWhoMaps: Bool) throws(Errno) -> [SurveyedChunk] {
        var found: [SurveyedChunk] = []
        var next = nextChunk(range.lowerBound)
        while let first = next, first < range.upperBound {
            let end = first + min(range.upperBound - first, windowChunks * pmdSize)
            var offsets: [Int] = []
            while let offset = next, offset < end {
                offsets.append(offset)
                next = nextChunk(offset + pmdSize)
            }
            found += try look(offsets, first..<end, asksWhoMaps: asksWhoMaps)
        }
        return found
    }

    /// Looks at the chunks at `offsets`, in one mapping of `window`.
    private func look(_ offsets: [Int], _ window: Range<Int>, asksWhoMaps: Bool) throws(Errno) -> [SurveyedChunk] {
        let mapping = try AlignedMapping(
            descriptor, offset: window.lowerBound, length: window.count, alignment: pmdSize, protection: PROT_READ)
        // A touch must neither begin readahead nor count as a use of the page.
        _ = madvise(mapping.start, window.count, Int32(FOLIO_MADV_RANDOM))
        let present = residency(mapping, window)
        func isCached(_ offset: Int) -> Bool { present[(offset - window.lowerBound) / pageSize] }
        func cachedPages(_ offset: Int) -> Int {
            let first = (offset - window.lowerBound) / pageSize
            return present[first..<(first + pmdSize / pageSize)].count { $0 }
        }
        var found: [SurveyedChunk] = []
        for offset in offsets {
            let place = offset - window.lowerBound
            let cached = cachedPages(offset) * pageSize
            var chunk = SurveyedChunk(
                offset: offset, cachedBytes: cached, isPMDMapped: false, isMappedElsewhere: false)
            if cached == pmdSize {
                mapping.touch(place)
                chunk.isPMDMapped = PMDMappings.bytes(mapping.addresses(place, pmdSize)) == pmdSize
            }
            if asksWhoMaps, cached > 0, !chunk.isPMDMapped {
                // One fault maps what is cached of the 16 pages around it (fault_around_bytes, its default).
                var page = 0
                while page < pmdSize {
                    let group = stride(from: page, to: page + 16 * pageSize, by: pageSize)
                    if let there = group.first(where: { isCached(offset + $0) }) { mapping.touch(place + there) }
                    page += 16 * pageSize
                }
                chunk.isMappedElsewhere = (try? SharedPages.areIn(mapping.addresses(place, pmdSize))) ?? false
            }
            found.append(chunk)
        }
        return found
    }

    /// Which pages of the window are cached; none where the kernel does not tell the caller, who then does not touch any.
    private func residency(_ mapping: borrowing AlignedMapping, _ window: Range<Int>) -> [Bool] {
        var flags = [UInt8](repeating: 0, count: window.count / pageSize)
        // mincore(2) says that every page is cached to who neither owns the file nor may write it; cachestat(2) says EPERM.
        do throws(Errno) {
            _ = try CacheResidency.read(
                FileDescriptor(rawValue: descriptor), offset: window.lowerBound, length: window.count)
        } catch {
            if error == .notPermitted || error == .permissionDenied { return flags.map { _ in false } }
        }
        guard mincore(mapping.start, window.count, &flags) == 0 else { return flags.map { _ in false } }
        return flags.map { $0 & 1 != 0 }
    }
}
