import CLinuxShims
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// How a copy gets its first bytes, while nobody has it.
extension StagedCopy {
    /// Attempts before a source is taken for one that keeps changing.
    static let attempts = 3

    /// Makes the copy, which is empty and which nobody has, equal to the source.
    ///
    /// - Parameters:
    ///   - source: has the file open for reading; its offset moves.
    ///   - room: bytes that the chunks with data may take.
    ///   - progress: called with the bytes done of the file's size, after each chunk.
    func fill(
        from source: Int32, room: Int, progress: (Int) throws(StagingRefusal) -> Void
    ) throws(StagingRefusal) {
        let buffer = try Self.refusing { () throws(Errno) in try ChunkBuffers(layout.chunkSize) }
        for _ in 0..<Self.attempts {
            let reports = reports
            let stamp = try Self.refusing { () throws(Errno) in SourceStamp(try Self.status(source)) }
            // A writer that comes after this moves the times of the source when it writes.
            guard OpenForWrite.ask(FileDescriptor(rawValue: source)) != true else { throw .openForWriting }
            try Self.refusing { () throws(Errno) in
                layout = try DataLayout.read(source, size: stamp.size, chunkSize: layout.chunkSize)
            }
            guard layout.allocatedBytes <= room else { throw .changing }
            try Self.refusing { () throws(Errno) in
                _ = try systemCall { ftruncate(descriptor, off_t(stamp.size)) }
                try StagingStep.sized.done()
            }
            var isWhole = true
            for run in layout.runs where isWhole {
                isWhole = try copyRun(run, from: source, by: buffer.theirs, progress)
            }
            try Self.refusing { () throws(Errno) in try StagingStep.copied.done() }
            let after = try Self.refusing { () throws(Errno) in SourceStamp(try Self.status(source)) }
            if isWhole, after == stamp, OpenForWrite.ask(FileDescriptor(rawValue: source)) != true,
                equals(stamp, unlessReportedSince: reports)
            {
                try Self.refusing { () throws(Errno) in try StagingStep.verified.done() }
                return
            }
            // From nothing again: what is a hole now may have been data.
            _ = ftruncate(descriptor, 0)
        }
        throw .changing
    }

    /// Copies a run, chunk by chunk, in one of two ways.
    ///
    /// By a buffer, written whole: a write that fills a huge folio needs no zeroes beneath it (15 to 16 GB/s against 11.8 by reading
    /// into a mapping, 14 by writing from a mapping of the source and 9.1 by cp, Linux 6.18, measured; copy_file_range(2) does not
    /// cross filesystems). But no memory is compacted for a write(2). Where it comes out in small folios, reading into a mapping
    /// under MADV_HUGEPAGE goes on, whose faults have it compacted (Linux 6.18 mm/huge_memory.c vma_thp_gfp_mask()).
    ///
    /// - Returns: false where the source became shorter.
    private func copyRun(
        _ run: Range<Int>, from source: Int32, by buffer: UnsafeMutableRawPointer,
        _ progress: (Int) throws(StagingRefusal) -> Void
    ) throws(StagingRefusal) -> Bool {
        var writes = PMDMappings.tellsOfParts
        for start in stride(from: run.lowerBound, to: run.upperBound, by: Self.windowBytes) {
            let length = min(Self.windowBytes, run.upperBound - start)
            let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, off_t(start))
            guard let memory, memory != MAP_FAILED else { throw .failed(Errno(rawValue: errno)) }
            defer { munmap(memory, length) }
            _ = madvise(memory, length, Int32(FOLIO_MADV_HUGEPAGE))
            for done in stride(from: 0, to: length, by: layout.chunkSize) {
                let (offset, count) = (start + done, min(layout.chunkSize, length - done))
                let isWhole = try Self.refusing { () throws(Errno) in
                    let into = writes ? buffer : memory + done
                    guard try Self.read(source, into, count, at: offset) == count else { return false }
                    if writes { try Self.write(descriptor, buffer, count, at: offset) }
                    if offset == run.lowerBound { try StagingStep.begun.done() }
                    return true
                }
                guard isWhole else { return false }
                if writes, count == layout.chunkSize, done / count % Self.chunksBetweenLooks == 0 {
                    writes = isMapped(memory + done, count)
                }
                try progress(offset + count)
            }
            collapseSmall(memory, length)
        }
        return true
    }

    /// How many chunks are written before one is looked at again.
    private static let chunksBetweenLooks = 8

    /// Whether a touch maps all of a part of a mapping by PMDs.
    private func isMapped(_ memory: UnsafeMutableRawPointer, _ length: Int) -> Bool {
        _ = madvise(memory, length, Int32(FOLIO_MADV_POPULATE_READ))
        let address = UInt64(UInt(bitPattern: memory))
        return PMDMappings.bytes(AddressRange(address, address + UInt64(length))) == length
    }

    /// Collapses what whole chunks a mapping of the copy has in small folios, for want of a huge one when they were made.
    private func collapseSmall(_ memory: UnsafeMutableRawPointer, _ length: Int) {
        let whole = length / layout.chunkSize * layout.chunkSize
        guard whole > 0, PMDMappings.tellsOfParts else { return }
        // What one pass compacts, the next may find.
        for _ in 0..<2 where !isMapped(memory, whole) {
            for chunk in stride(from: 0, to: whole, by: layout.chunkSize)
            where !isMapped(memory + chunk, layout.chunkSize) {
                _ = madvise(memory + chunk, layout.chunkSize, Int32(FOLIO_MADV_COLLAPSE))
            }
        }
    }

    /// The most bytes that are mapped at a time.
    private static let windowBytes = 1 << 30

    /// Turns what a system call says into a refusal. A mapping for which the tmpfs or the memory has no page is EFAULT.
    static func refusing<Value>(_ call: () throws(Errno) -> Value) throws(StagingRefusal) -> Value {
        do throws(Errno) {
            return try call()
        } catch {
            switch error {
            case .noSpace, .badAddress: throw .noRoom
            case .noMemory: throw .pressure
            default: throw .failed(error)
            }
        }
    }
}
