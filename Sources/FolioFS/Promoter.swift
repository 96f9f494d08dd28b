import CLinuxShims
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Brings PMD folios about in a file's own page cache, chunk by chunk, leaving alone what is one already.
struct Promoter {
    /// What came of it.
    struct Outcome: Sendable {
        /// Bytes in whole chunks that are not holes.
        var eligibleBytes = 0
        /// Bytes that a plain touch maps by PMDs now.
        var pmdBytes = 0
    }

    /// The most bytes that are mapped at a time: files may be larger than an address space.
    private static let windowSize = 1 << 30

    let pmdSize: Int
    let promotion: Promotion

    /// Promotes the file that `descriptor` has open for reading, `size` bytes long. Its offset moves (SEEK_DATA).
    ///
    /// - Parameter progress: called with the bytes done after each chunk; false ends it.
    /// - Throws: ENOMEM where it cannot be mapped; EIO and the like from writing its dirty pages back.
    func promote(
        _ descriptor: Int32, size: Int, progress: (Int) -> Bool = { _ in true }
    ) throws(Errno) -> Outcome {
        var outcome = Outcome()
        let length = size / pmdSize * pmdSize
        var (offset, isSynchronized) = (0, false)
        while let data = nextChunk(descriptor, offset), data < length {
            let window = min(Self.windowSize, length - data)
            let mapping = try map(descriptor, data, window)
            // Readahead would begin on the next chunk with folios of its own choosing, and what is being read cannot be
            // dropped (Linux 6.18 mm/filemap.c do_sync_mmap_readahead(), measured).
            _ = madvise(mapping.start, window, Int32(FOLIO_MADV_RANDOM))
            offset = data
            while offset < data + window {
                guard let next = nextChunk(descriptor, offset) else { return outcome }
                guard next < data + window else {
                    offset = next
                    break
                }
                outcome.eligibleBytes += pmdSize
                if try promoteChunk(mapping, next - data, at: next, descriptor, &isSynchronized) {
                    outcome.pmdBytes += pmdSize
                }
                offset = next + pmdSize
                guard progress(offset) else { return outcome }
            }
        }
        return outcome
    }

    /// The first chunk at or after `offset` with data in it; nil: there is none. A hole stays a hole, and out of the cache.
    private func nextChunk(_ descriptor: Int32, _ offset: Int) -> Int? {
        let data = lseek(descriptor, off_t(offset), Int32(FOLIO_SEEK_DATA))
        guard data < 0 else { return Int(data) / pmdSize * pmdSize }
        return errno == ENXIO ? nil : offset
    }

    /// Promotes the chunk at `offset` of the file and `place` of the mapping.
    ///
    /// - Returns: whether a touch of it maps it by a PMD.
    private func promoteChunk(
        _ mapping: borrowing AlignedMapping, _ place: Int, at offset: Int, _ descriptor: Int32,
        _ isSynchronized: inout Bool
    ) throws(Errno) -> Bool {
        if isPMDMapped(mapping, place, at: offset, descriptor) { return true }
        guard promotion != .none else { return false }
        // What is dirty can be neither dropped nor collapsed.
        if !isSynchronized {
            _ = try systemCall { fdatasync(descriptor) }
            isSynchronized = true
        }
        return promotion == .collapse ? collapse(mapping, place) : refault(mapping, place, at: offset, descriptor)
    }

    /// Maps the file executable where that is allowed: kernels before 6.8 ask for it.
    private func map(_ descriptor: Int32, _ offset: Int, _ length: Int) throws(Errno) -> AlignedMapping {
        do throws(Errno) {
            return try AlignedMapping(
                descriptor, offset: offset, length: length, alignment: pmdSize, protection: PROT_READ | PROT_EXEC)
        } catch {
            return try AlignedMapping(
                descriptor, offset: offset, length: length, alignment: pmdSize, protection: PROT_READ)
        }
    }

    /// Whether a touch of the chunk, where it is cached, maps it by a PMD.
    private func isPMDMapped(_ mapping: borrowing AlignedMapping, _ place: Int, at offset: Int, _ descriptor: Int32)
        -> Bool
    {
        let residency = try? CacheResidency.read(FileDescriptor(rawValue: descriptor), offset: offset, length: pmdSize)
        guard let residency, residency.cached * Int(sysconf(Int32(_SC_PAGESIZE))) >= pmdSize else { return false }
        mapping.touch(place)
        return observed(mapping, place)
    }

    /// Drops the chunk's clean folios and faults it in again under MADV_HUGEPAGE; again where something held a folio.
    private func refault(
        _ mapping: borrowing AlignedMapping, _ place: Int, at offset: Int, _ descriptor: Int32
    ) -> Bool {
        let chunk = mapping.start + place
        for _ in 0..<3 {
            _ = madvise(chunk, pmdSize, Int32(FOLIO_MADV_DONTNEED))
            _ = posix_fadvise(descriptor, off_t(offset), off_t(pmdSize), POSIX_FADV_DONTNEED)
            _ = madvise(chunk, pmdSize, Int32(FOLIO_MADV_HUGEPAGE))
            _ = madvise(chunk, pmdSize, Int32(FOLIO_MADV_POPULATE_READ))
            if observed(mapping, place) { return true }
        }
        return false
    }

    /// MADV_COLLAPSE, again where the kernel says that it was busy; the mapping tells the truth, not the errno.
    private func collapse(_ mapping: borrowing AlignedMapping, _ place: Int) -> Bool {
        for _ in 0..<5 {
            mapping.touch(place)
            let result = madvise(mapping.start + place, pmdSize, Int32(FOLIO_MADV_COLLAPSE))
            let failure = errno
            if observed(mapping, place) { return true }
            if result != 0 && failure != EAGAIN && failure != EBUSY && failure != EINVAL { return false }
        }
        return false
    }

    private func observed(_ mapping: borrowing AlignedMapping, _ place: Int) -> Bool {
        let start = UInt64(UInt(bitPattern: mapping.start + place))
        let range = AddressRange(start, start + UInt64(pmdSize))
        return (try? PagemapScan.pmdMappedBytes(range)) == pmdSize
    }
}
