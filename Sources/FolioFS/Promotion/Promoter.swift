import CLinuxShims
package import FolioPolicy
import Glibc
import LinuxFacts
package import SystemPackage

/// Brings PMD folios about in a file's own page cache: looks at every chunk, then works on those that need it, the cheapest
/// first, leaving alone what is one already and what nothing would be gained by dropping.
package struct Promoter {
    /// The most bytes of a file that are looked at before the first of them is worked on; 32 768 chunks.
    private static let spanSize = 64 << 30
    /// How often a chunk is tried. What is in the way for a moment is another's reference, or a folio not yet on its list.
    private static let (refaults, collapses) = (3, 5)

    let pmdSize: Int
    let promotion: Promotion
    let pace: PromotionPace

    /// - Parameter promotion: `.none` only looks.
    package init(pmdSize: Int, promotion: Promotion, pace: PromotionPace = PromotionPace()) {
        self.pmdSize = pmdSize
        self.promotion = promotion
        self.pace = pace
    }

    /// Promotes the file that `descriptor` has open for reading, `size` bytes long. Its offset moves (SEEK_DATA).
    ///
    /// - Parameter progress: called with the bytes done, holes among them, after each chunk; false ends it.
    /// - Throws: ENOMEM where it cannot be mapped; EIO and the like from writing its dirty pages back.
    package func promote(
        _ descriptor: Int32, size: Int, progress: (Int) -> Bool = { _ in true }
    ) throws(Errno) -> PromotionOutcome {
        let survey = ChunkSurvey(descriptor, pmdSize: pmdSize)
        var outcome = PromotionOutcome()
        defer { outcome.pauses = pace.pauses }
        var file = FileState(descriptor: descriptor)
        let end = size / pmdSize * pmdSize
        var start = 0
        while let first = survey.nextChunk(start), first < end {
            // Not min(end, first + …): a file may end at the last offset there is.
            let span = first..<(first + min(end - first, Self.spanSize))
            let chunks = try survey.chunks(of: span, asksWhoMaps: promotion == .refault)
            if promotion != .none { PromotionStep.surveyed.done() }
            let work = take(chunks, &outcome)
            var done = span.upperBound - work.count * pmdSize
            for plan in work {
                guard progress(done) else { return outcome }
                pace.waitBefore(bytes: pmdSize)
                if let refusal = try promoteChunk(plan, &file) {
                    outcome.refused[refusal, default: 0] += pmdSize
                } else {
                    outcome.pmdBytes += pmdSize
                }
                done += pmdSize
            }
            start = span.upperBound
        }
        outcome.pauses = pace.pauses
        _ = progress(size)
        return outcome
    }

    /// Counts what was found, and gives the chunks to work on, the cheapest first.
    private func take(_ chunks: [SurveyedChunk], _ outcome: inout PromotionOutcome) -> [ChunkPlan] {
        outcome.eligibleBytes += chunks.count * pmdSize
        let found = chunks.count { $0.isPMDMapped } * pmdSize
        outcome.foundBytes += found
        outcome.pmdBytes += found
        guard promotion != .none else { return [] }
        // What others have mapped stays where it is, so the rest of the chunk would be dropped for nothing.
        let mapped = chunks.count { $0.isMappedElsewhere }
        if mapped > 0 { outcome.refused[.mapped, default: 0] += mapped * pmdSize }
        return chunks.lazy.filter { !$0.isMappedElsewhere }.map { $0.plan(chunkSize: pmdSize) }.cheapestFirst
    }

    /// What is known of the file meanwhile.
    private struct FileState {
        let descriptor: Int32
        /// Whether its dirty pages have been written back.
        var isSynchronized = false
    }

    /// Promotes one chunk; nil: a touch of it maps it by a PMD.
    private func promoteChunk(_ plan: ChunkPlan, _ file: inout FileState) throws(Errno) -> PromotionRefusal? {
        guard pace.mayRead(plan.bytesMissing) else { return .memory }
        guard try writeBack(plan, &file) else { return .dirty }
        PromotionStep.writtenBack.done()
        switch promotion {
        case .collapse: return try collapse(plan, file.descriptor)
        case .refault: return try refault(plan, file.descriptor)
        case .none: return nil
        }
    }

    /// Writes back what is dirty in the file, once, where the chunk needs it: it can be neither dropped nor collapsed.
    ///
    /// - Returns: whether nothing in the chunk is dirty, as far as the kernel tells.
    private func writeBack(_ plan: ChunkPlan, _ file: inout FileState) throws(Errno) -> Bool {
        func isDirty() -> Bool? {
            (try? CacheResidency.read(
                FileDescriptor(rawValue: file.descriptor), offset: plan.offset, length: pmdSize))?.isDirty
        }
        guard isDirty() ?? !file.isSynchronized else { return true }
        let descriptor = file.descriptor
        _ = try systemCall { fdatasync(descriptor) }
        file.isSynchronized = true
        return isDirty() != true
    }

    /// Drops the chunk's clean folios and faults it in again under MADV_HUGEPAGE; again where something held a folio.
    private func refault(_ plan: ChunkPlan, _ descriptor: Int32) throws(Errno) -> PromotionRefusal? {
        for _ in 0..<Self.refaults {
            dropClean(plan, descriptor)
            PromotionStep.dropped.done()
            // A mapping of its own each time: without a page table from before, which would be kept.
            let mapping = try map(descriptor, plan.offset)
            let isWhole = populate(mapping)
            PromotionStep.faulted.done()
            if isWhole { return nil }
        }
        return .busy
    }

    /// Drops what of the chunk is clean and not mapped.
    private func dropClean(_ plan: ChunkPlan, _ descriptor: Int32) {
        _ = posix_fadvise(descriptor, off_t(plan.offset), off_t(pmdSize), POSIX_FADV_DONTNEED)
    }

    /// Faults the chunk in, in one folio where nothing of it is cached.
    private func populate(_ mapping: borrowing AlignedMapping) -> Bool {
        // Readahead would begin on the next chunk with folios of its own choosing, and what is being read cannot be
        // dropped (Linux 6.18 mm/filemap.c do_sync_mmap_readahead(), measured).
        _ = madvise(mapping.start, pmdSize, Int32(FOLIO_MADV_RANDOM))
        _ = madvise(mapping.start, pmdSize, Int32(FOLIO_MADV_HUGEPAGE))
        _ = madvise(mapping.start, pmdSize, Int32(FOLIO_MADV_POPULATE_READ))
        return isMapped(mapping)
    }

    /// MADV_COLLAPSE, again where the kernel says that it was busy; the mapping tells the truth, not the errno.
    private func collapse(_ plan: ChunkPlan, _ descriptor: Int32) throws(Errno) -> PromotionRefusal? {
        let mapping = try map(descriptor, plan.offset)
        _ = madvise(mapping.start, pmdSize, Int32(FOLIO_MADV_RANDOM))
        for attempt in 0..<Self.collapses {
            // What is being read in is locked, which ends a collapse: that is waited for, page by page.
            if attempt > 0 { _ = madvise(mapping.start, pmdSize, Int32(FOLIO_MADV_POPULATE_READ)) }
            mapping.touch(0)
            let result = madvise(mapping.start, pmdSize, Int32(FOLIO_MADV_COLLAPSE))
            let failure = errno
            PromotionStep.collapsed.done()
            if isMapped(mapping) { return nil }
            if result != 0 && failure != EAGAIN && failure != EBUSY && failure != EINVAL { return .busy }
        }
        return .busy
    }

    /// Maps one chunk, executable where that is allowed: kernels before 6.8 ask for it.
    private func map(_ descriptor: Int32, _ offset: Int) throws(Errno) -> AlignedMapping {
        do throws(Errno) {
            return try AlignedMapping(
                descriptor, offset: offset, length: pmdSize, alignment: pmdSize, protection: PROT_READ | PROT_EXEC)
        } catch {
            return try AlignedMapping(
                descriptor, offset: offset, length: pmdSize, alignment: pmdSize, protection: PROT_READ)
        }
    }

    private func isMapped(_ mapping: borrowing AlignedMapping) -> Bool {
        PMDMappings.bytes(mapping.addresses(0, pmdSize)) == pmdSize
    }
}
