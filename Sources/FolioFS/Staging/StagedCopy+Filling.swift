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

    /// Copies a run by a buffer, whole chunks at once: a write that fills a huge folio needs no zeroes beneath it, and so
    /// little is in the processor's cache still when it is written (15 to 16 GB/s against 11.8 by reading into a mapping, 14 by
    /// writing from a mapping of the source and 9.1 by cp, Linux 6.18, measured; copy_file_range(2) does not cross filesystems).
    ///
    /// - Returns: false where the source became shorter.
    private func copyRun(
        _ run: Range<Int>, from source: Int32, by buffer: UnsafeMutableRawPointer,
        _ progress: (Int) throws(StagingRefusal) -> Void
    ) throws(StagingRefusal) -> Bool {
        for offset in stride(from: run.lowerBound, to: run.upperBound, by: layout.chunkSize) {
            let length = min(layout.chunkSize, run.upperBound - offset)
            let isWhole = try Self.refusing { () throws(Errno) in
                guard try Self.read(source, buffer, length, at: offset) == length else { return false }
                try Self.write(descriptor, buffer, length, at: offset)
                if offset == run.lowerBound { try StagingStep.begun.done() }
                return true
            }
            guard isWhole else { return false }
            try progress(offset + length)
        }
        collapseSmall(run)
        return true
    }

    /// Collapses what whole chunks of a run have small folios, for want of a huge one when they were written: no memory is
    /// compacted for a write(2), for a collapse it is (Linux 6.18 mm/huge_memory.c vma_thp_gfp_mask(), mm/khugepaged.c).
    private func collapseSmall(_ run: Range<Int>) {
        guard PMDMappings.tellsOfParts else { return }
        for start in stride(from: run.lowerBound, to: run.upperBound, by: Self.windowBytes) {
            let length = min(Self.windowBytes, run.upperBound - start) / layout.chunkSize * layout.chunkSize
            guard length > 0,
                let memory = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, off_t(start)), memory != MAP_FAILED
            else { return }
            defer { munmap(memory, length) }
            guard madvise(memory, length, Int32(FOLIO_MADV_POPULATE_READ)) == 0 else { return }
            func isMapped(_ start: Int, _ length: Int) -> Bool {
                let address = UInt64(UInt(bitPattern: memory + start))
                return PMDMappings.bytes(AddressRange(address, address + UInt64(length))) == length
            }
            guard !isMapped(0, length) else { continue }
            for chunk in stride(from: 0, to: length, by: layout.chunkSize) where !isMapped(chunk, layout.chunkSize) {
                _ = madvise(memory + chunk, layout.chunkSize, Int32(FOLIO_MADV_COLLAPSE))
            }
        }
    }

    /// The most bytes that are mapped at a time.
    private static let windowBytes = 1 << 30

    /// Turns what a system call says into a refusal.
    static func refusing<Value>(_ call: () throws(Errno) -> Value) throws(StagingRefusal) -> Value {
        do throws(Errno) {
            return try call()
        } catch {
            switch error {
            case .noSpace: throw .noRoom
            case .noMemory: throw .pressure
            default: throw .failed(error)
            }
        }
    }
}
