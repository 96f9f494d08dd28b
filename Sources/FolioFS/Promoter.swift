import CLinuxShims
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Brings PMD folios about in a file's own page cache, chunk by chunk, leaving alone what is one already.
struct Promoter {
    /// What came of it.
    struct Outcome: Sendable {
        /// Bytes in whole chunks.
        var eligibleBytes = 0
        /// Bytes that a plain touch maps by PMDs now.
        var pmdBytes = 0
    }

    let pmdSize: Int
    let promotion: Promotion

    /// Promotes the file that `descriptor` has open for reading, `size` bytes long.
    ///
    /// - Parameter progress: called with the bytes done after each chunk; false ends it.
    /// - Throws: ENOMEM where it cannot be mapped; EIO and the like from writing its dirty pages back.
    func promote(
        _ descriptor: Int32, size: Int, progress: (Int) -> Bool = { _ in true }
    ) throws(Errno) -> Outcome {
        var outcome = Outcome()
        let length = size / pmdSize * pmdSize
        guard length > 0 else { return outcome }
        outcome.eligibleBytes = length
        let mapping = try map(descriptor, length)
        // Readahead would begin on the next chunk with folios of its own choosing, and what is being read cannot be
        // dropped (Linux 6.18 mm/filemap.c do_sync_mmap_readahead(), measured).
        _ = madvise(mapping.start, length, Int32(FOLIO_MADV_RANDOM))
        var synced = false
        for offset in stride(from: 0, to: length, by: pmdSize) {
            if isPMDMapped(mapping, offset, descriptor) {
                outcome.pmdBytes += pmdSize
            } else if promotion != .none {
                if !synced {
                    _ = try systemCall { fdatasync(descriptor) }
                    synced = true
                }
                if promotion == .collapse ? collapse(mapping, offset) : refault(mapping, offset, descriptor) {
                    outcome.pmdBytes += pmdSize
                }
            }
            guard progress(offset + pmdSize) else { break }
        }
        return outcome
    }

    /// Maps the file executable where that is allowed: kernels before 6.8 ask for it.
    private func map(_ descriptor: Int32, _ length: Int) throws(Errno) -> AlignedMapping {
        do throws(Errno) {
            return try AlignedMapping(
                descriptor, length: length, alignment: pmdSize, protection: PROT_READ | PROT_EXEC)
        } catch {
            return try AlignedMapping(descriptor, length: length, alignment: pmdSize, protection: PROT_READ)
        }
    }

    /// Whether a touch of the chunk, where it is cached, maps it by a PMD.
    private func isPMDMapped(_ mapping: borrowing AlignedMapping, _ offset: Int, _ descriptor: Int32) -> Bool {
        let residency = try? CacheResidency.read(FileDescriptor(rawValue: descriptor), offset: offset, length: pmdSize)
        guard let residency, residency.cached * Int(sysconf(Int32(_SC_PAGESIZE))) >= pmdSize else { return false }
        mapping.touch(offset)
        return observed(mapping, offset)
    }

    /// Drops the chunk's clean folios and faults it in again under MADV_HUGEPAGE; again where something held a folio.
    private func refault(_ mapping: borrowing AlignedMapping, _ offset: Int, _ descriptor: Int32) -> Bool {
        let chunk = mapping.start + offset
        for _ in 0..<3 {
            _ = madvise(chunk, pmdSize, Int32(FOLIO_MADV_DONTNEED))
            _ = posix_fadvise(descriptor, off_t(offset), off_t(pmdSize), POSIX_FADV_DONTNEED)
            _ = madvise(chunk, pmdSize, Int32(FOLIO_MADV_HUGEPAGE))
            _ = madvise(chunk, pmdSize, Int32(FOLIO_MADV_POPULATE_READ))
            if observed(mapping, offset) { return true }
        }
        return false
    }

    /// MADV_COLLAPSE, again where the kernel says that it was busy; the mapping tells the truth, not the errno.
    private func collapse(_ mapping: borrowing AlignedMapping, _ offset: Int) -> Bool {
        for _ in 0..<5 {
            mapping.touch(offset)
            let result = madvise(mapping.start + offset, pmdSize, Int32(FOLIO_MADV_COLLAPSE))
            let failure = errno
            if observed(mapping, offset) { return true }
            if result != 0 && failure != EAGAIN && failure != EBUSY && failure != EINVAL { return false }
        }
        return false
    }

    private func observed(_ mapping: borrowing AlignedMapping, _ offset: Int) -> Bool {
        let start = UInt64(UInt(bitPattern: mapping.start + offset))
        let range = AddressRange(start, start + UInt64(pmdSize))
        return (try? PagemapScan.pmdMappedBytes(range)) == pmdSize
    }
}
