import CLinuxShims
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// How a copy that others may have open or mapped follows its source. `lock` is held.
extension StagedCopy {
    /// Makes the copy equal to the source, which `source` has open for reading and whose offset moves.
    ///
    /// Only pages that differ are written, each once, so that who reads or maps the copy sees in a page what it was or
    /// what it is, as on the source: nothing is zero for a moment, and what is new at the end appears with its bytes. A page that is being
    /// written to in the source is read until it reads the same twice.
    ///
    /// What was stored to a copy by a mapping is not lost: it goes to the source.
    ///
    /// - Parameters:
    ///   - room: bytes that the copy may come to take.
    ///   - carried: called where something that was stored went to the source.
    /// - Throws: EAGAIN where the source kept changing; ENOSPC where there is no room; what reading the source says.
    func follow(_ source: Int32, room: Int, carried: () -> Void) throws(Errno) {
        if isStoredTo.load(ordering: .relaxed), let states {
            return try merge(source, room: room, states, carried: carried)
        }
        forgetStates()
        let buffers = try ChunkBuffers(layout.chunkSize)
        for _ in 0..<Self.attempts {
            let reports = reports
            let stamp = SourceStamp(try Self.status(source))
            guard DataLayout.pageRounded(stamp.size) <= room else { throw .noSpace }
            equals(nil)
            let layout = try DataLayout.read(source, size: stamp.size, chunkSize: layout.chunkSize)
            self.layout = layout
            if Int(try Self.status(descriptor).st_size) > stamp.size {
                _ = try systemCall { ftruncate(descriptor, off_t(stamp.size)) }
            }
            var isWhole = true
            var offset = 0
            for run in layout.runs where isWhole {
                try empty(offset..<run.lowerBound)
                isWhole = try followRun(run, source, buffers)
                offset = run.upperBound
            }
            if isWhole {
                try empty(offset..<stamp.size)
                if Int(try Self.status(descriptor).st_size) != stamp.size {
                    _ = try systemCall { ftruncate(descriptor, off_t(stamp.size)) }
                }
                if SourceStamp(try Self.status(source)) == stamp, equals(stamp, unlessReportedSince: reports) {
                    return
                }
            }
        }
        throw .resourceTemporarilyUnavailable
    }

    /// Makes a hole of whole chunks.
    private func empty(_ hole: Range<Int>) throws(Errno) {
        guard !hole.isEmpty else { return }
        let data = lseek(descriptor, off_t(hole.lowerBound), Int32(FOLIO_SEEK_DATA))
        guard data >= 0, data < hole.upperBound else { return }
        _ = try systemCall { folio_allocate(descriptor, 3, Int64(hole.lowerBound), Int64(hole.count)) }
    }

    /// - Returns: false where the source became shorter.
    private func followRun(_ run: Range<Int>, _ source: Int32, _ buffers: ChunkBuffers) throws(Errno) -> Bool {
        var offset = run.lowerBound
        while offset < run.upperBound {
            guard !isThrownOut.load(ordering: .sequentiallyConsistent) else { throw .resourceBusy }
            let count = min(layout.chunkSize, run.upperBound - offset)
            guard try Self.read(source, buffers.theirs, count, at: offset) == count else { return false }
            let ours = try Self.read(descriptor, buffers.ours, count, at: offset)
            var start = 0
            while start < count {
                guard let end = buffers.differing(from: &start, ours: ours, count: count) else { break }
                guard try settle(source, buffers, start..<end, at: offset) else { return false }
                try Self.write(descriptor, buffers.theirs + start, end - start, at: offset + start)
                start = end
            }
            offset += count
        }
        return true
    }

    /// Reads pages of the source again until they read the same twice.
    ///
    /// - Returns: false where the source became shorter.
    func settle(
        _ source: Int32, _ buffers: ChunkBuffers, _ range: Range<Int>, at offset: Int
    ) throws(Errno) -> Bool {
        for _ in 0..<16 {
            let again = buffers.ours + range.lowerBound
            guard try Self.read(source, again, range.count, at: offset + range.lowerBound) == range.count else {
                return false
            }
            if memcmp(again, buffers.theirs + range.lowerBound, range.count) == 0 { return true }
            memcpy(buffers.theirs + range.lowerBound, again, range.count)
        }
        // It is written to without pause; the end of it moves the times.
        return true
    }

    /// Reads until `count` bytes are there or the file ends.
    static func read(
        _ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int, at offset: Int
    ) throws(Errno) -> Int {
        var done = 0
        while done < count {
            let got = try systemCall { pread(descriptor, buffer + done, count - done, off_t(offset + done)) }
            if got == 0 { break }
            done += got
        }
        return done
    }

    static func write(
        _ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, at offset: Int
    ) throws(Errno) {
        var done = 0
        while done < count {
            done += try systemCall { pwrite(descriptor, bytes + done, count - done, off_t(offset + done)) }
        }
    }
}
