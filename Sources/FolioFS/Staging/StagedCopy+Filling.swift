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
            for run in layout.runs where isWhole { isWhole = try copyRun(run, from: source, progress) }
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

    /// Reads a run straight into a mapping of the copy, whose faults make the huge folios: there is no faster way here (8.7 GB/s
    /// against 6.3 by write(2), 5.4 by cp, Linux 6.18, measured; copy_file_range(2) does not cross filesystems).
    ///
    /// - Returns: false where the source became shorter.
    private func copyRun(
        _ run: Range<Int>, from source: Int32, _ progress: (Int) throws(StagingRefusal) -> Void
    ) throws(StagingRefusal) -> Bool {
        var window = run.lowerBound..<min(run.lowerBound + Self.windowBytes, run.upperBound)
        while !window.isEmpty {
            let memory = mmap(
                nil, window.count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, off_t(window.lowerBound))
            guard let memory, memory != MAP_FAILED else { throw .failed(Errno(rawValue: errno)) }
            defer { munmap(memory, window.count) }
            // Else no memory is compacted for a huge folio, and where it is fragmented all of them are small
            // (Linux 6.18 mm/huge_memory.c vma_thp_gfp_mask()).
            _ = madvise(memory, window.count, Int32(FOLIO_MADV_HUGEPAGE))
            var done = 0
            while done < window.count {
                // One chunk at a time, so that a fault makes one huge folio.
                let step = min(window.count - done, layout.chunkSize - done % layout.chunkSize)
                let count = try Self.refusing { () throws(Errno) in
                    let offset = off_t(window.lowerBound + done)
                    let count = try systemCall { pread(source, memory + done, step, offset) }
                    if offset == run.lowerBound { try StagingStep.begun.done() }
                    return count
                }
                if count == 0 { return false }
                done += count
                try progress(window.lowerBound + done)
            }
            collapse(memory, window.count)
            window = window.upperBound..<min(window.upperBound + Self.windowBytes, run.upperBound)
        }
        return true
    }

    /// Collapses what whole chunks a mapping of the copy has in small folios, for want of a huge one when they were made.
    private func collapse(_ memory: UnsafeMutableRawPointer, _ length: Int) {
        func isMapped(_ start: Int, _ length: Int) -> Bool {
            let address = UInt64(UInt(bitPattern: memory + start))
            return PMDMappings.bytes(AddressRange(address, address + UInt64(length))) == length
        }
        let whole = length / layout.chunkSize * layout.chunkSize
        guard whole > 0, PMDMappings.tellsOfParts, !isMapped(0, whole) else { return }
        for start in stride(from: 0, to: whole, by: layout.chunkSize) where !isMapped(start, layout.chunkSize) {
            _ = madvise(memory + start, layout.chunkSize, Int32(FOLIO_MADV_COLLAPSE))
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
