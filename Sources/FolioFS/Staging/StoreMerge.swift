import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// Makes a copy that others may store to and its source equal again: stores go to the source, changes of the source to the copy. The
/// copy's `lock` is held.
///
/// A block that is not what the server last had there was stored to, where it is the copy's, and changed, where it is the source's.
/// Where both are, the source is right. Only words that differ are written, so that what is stored to beside them meanwhile stays.
struct StoreMerge {
    private let copy: StagedCopy
    private let source: Int32
    private let buffers: ChunkBuffers
    /// The source, open for writing once a store is to be carried to it.
    private var writable: DescriptorOwner?
    /// What is known of each block of the copy.
    private let states: BlockStates
    /// Whether stores were carried to the source.
    private(set) var hasCarried = false
    /// Why stores are left that could not be carried to the source.
    private(set) var failure: Errno?

    private enum Difference { case none, stored, changed }

    /// - Parameter source: has the source open for reading, in whatever way.
    init(_ copy: StagedCopy, _ source: Int32, _ states: BlockStates) throws(Errno) {
        (self.copy, self.source, self.states) = (copy, source, states)
        buffers = try ChunkBuffers(copy.layout.chunkSize)
    }

    /// Merges the whole file, which has become `size` bytes long.
    ///
    /// - Parameters:
    ///   - room: bytes that the copy may come to take.
    ///   - notesAll: whether blocks that are equal may not be what was noted of them: the source was changed.
    /// - Returns: false where the source became shorter.
    /// - Throws: ENOSPC where there is no room for what is new; what was there is merged.
    mutating func mergeAll(size: Int, room: Int, notesAll: Bool) throws(Errno) -> Bool {
        if size < states.size { try cut(to: size) }
        let there = states.size
        guard try merge(0..<there, notesAll: notesAll) else { return false }
        guard size > there else { return true }
        guard DataLayout.pageRounded(size) <= room else { throw failure ?? .noSpace }
        try states.reserve(size)
        return try append(upTo: size)
    }

    /// Merges a block that `offset` is in, and says what it has.
    /// - Returns: its bytes, as they were noted; nil: it is not in the copy.
    mutating func block(at offset: Int) throws(Errno) -> [UInt8]? {
        let start = offset / BlockStates.blockSize * BlockStates.blockSize
        let end = min(start + BlockStates.blockSize, states.size)
        guard start < end, try merge(start..<end, notesAll: true), failure == nil else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: buffers.theirs, count: end - start))
    }

    /// - Returns: false where the source became shorter.
    private mutating func merge(_ range: Range<Int>, notesAll: Bool) throws(Errno) -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard !copy.isThrownOut.load(ordering: .sequentiallyConsistent) else { throw .resourceBusy }
            let count = min(copy.layout.chunkSize, range.upperBound - offset)
            guard try StagedCopy.read(source, buffers.theirs, count, at: offset) == count,
                try StagedCopy.read(copy.descriptor, buffers.ours, count, at: offset) == count
            else { return false }
            var (start, noted) = (0, 0)
            while let end = buffers.differing(from: &start, ours: count, count: count) {
                if notesAll { states.note(buffers.theirs + noted, start - noted, at: offset + noted) }
                let length = end - start
                // What settles is read into where the copy's bytes were.
                guard try copy.settle(source, buffers, start..<end, at: offset),
                    try StagedCopy.read(copy.descriptor, buffers.ours + start, length, at: offset + start) == length
                else { return false }
                try mergeBlocks(start..<end, at: offset)
                (start, noted) = (end, end)
            }
            if notesAll { states.note(buffers.theirs + noted, count - noted, at: offset + noted) }
            offset += count
        }
        return true
    }

    /// Merges what the buffers have, from `offset` of the file on, of blocks.
    private mutating func mergeBlocks(_ range: Range<Int>, at offset: Int) throws(Errno) {
        var start = range.lowerBound
        while start < range.upperBound {
            let kind = difference(start, range.upperBound, at: offset)
            var end = start
            repeat {
                end = min(end + BlockStates.blockSize, range.upperBound)
            } while end < range.upperBound && difference(end, range.upperBound, at: offset) == kind
            let run = start..<end
            start = end
            switch kind {
            case .none: break
            case .stored:
                do throws(Errno) {
                    try write(run, of: buffers.ours, to: openedForWriting(), at: offset)
                } catch {
                    // It stays known as stored, and is tried again; the other blocks are merged all the same.
                    failure = error
                    continue
                }
                hasCarried = true
                memcpy(buffers.theirs + run.lowerBound, buffers.ours + run.lowerBound, run.count)
            case .changed: try write(run, of: buffers.theirs, to: copy.descriptor, at: offset)
            }
            states.note(buffers.theirs + run.lowerBound, run.count, at: offset + run.lowerBound)
        }
    }

    private func difference(_ start: Int, _ end: Int, at offset: Int) -> Difference {
        let count = min(BlockStates.blockSize, end - start)
        let (ours, theirs) = (buffers.ours + start, buffers.theirs + start)
        if memcmp(ours, theirs, count) == 0 { return .none }
        let isStored =
            !states.equals(ours, count, at: offset + start) && states.equals(theirs, count, at: offset + start)
        return isStored ? .stored : .changed
    }

    /// Writes the words of one buffer that differ from the other's.
    private func write(
        _ range: Range<Int>, of buffer: UnsafeMutableRawPointer, to descriptor: Int32, at offset: Int
    ) throws(Errno) {
        let word = 8
        func differs(_ start: Int) -> Bool {
            memcmp(buffers.ours + start, buffers.theirs + start, min(word, range.upperBound - start)) != 0
        }
        var start = range.lowerBound
        while start < range.upperBound {
            guard differs(start) else {
                start += word
                continue
            }
            var end = start
            repeat { end += word } while end < range.upperBound && differs(end)
            end = min(end, range.upperBound)
            try StagedCopy.write(descriptor, buffer + start, end - start, at: offset + start)
            start = end
        }
    }

    /// The source became shorter, and so does the copy.
    private mutating func cut(to size: Int) throws(Errno) {
        let start = size / BlockStates.blockSize * BlockStates.blockSize
        let count = min(BlockStates.blockSize, states.size - start)
        let isWhole = try StagedCopy.read(copy.descriptor, buffers.ours, count, at: start) == count
        let isKnown = isWhole && states.equals(buffers.ours, count, at: start)
        _ = try systemCall { ftruncate(copy.descriptor, off_t(size)) }
        states.cut(to: size)
        // What is left of a block that was stored to is known of neither, and the source is right.
        if isKnown, start < size { states.note(buffers.ours, size - start, at: start) }
    }

    /// The source became longer. What is new appears with its bytes, never as zeroes first.
    ///
    /// - Returns: false where it became shorter again.
    private mutating func append(upTo size: Int) throws(Errno) -> Bool {
        while states.size < size {
            guard !copy.isThrownOut.load(ordering: .sequentiallyConsistent) else { throw .resourceBusy }
            let there = states.size
            let start = there / BlockStates.blockSize * BlockStates.blockSize
            // Up to a chunk's end: whole chunks that are zero stay holes.
            let end = min(start / copy.layout.chunkSize * copy.layout.chunkSize + copy.layout.chunkSize, size)
            let (count, old) = (end - start, there - start)
            guard try StagedCopy.read(source, buffers.theirs, count, at: start) == count,
                try StagedCopy.read(copy.descriptor, buffers.ours, old, at: start) == old
            else { return false }
            if old == 0, start % copy.layout.chunkSize == 0, Self.isZero(buffers.theirs, count) {
                _ = try systemCall { ftruncate(copy.descriptor, off_t(end)) }
            } else {
                try StagedCopy.write(copy.descriptor, buffers.theirs + old, count - old, at: there)
            }
            // Of the block that was the last one, what was noted is kept.
            if old > 0, !states.equals(buffers.theirs, old, at: start) {
                memcpy(buffers.theirs, buffers.ours, old)
            }
            states.note(buffers.theirs, count, at: start)
        }
        return true
    }

    private static func isZero(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Bool {
        count == 0 || (bytes.load(as: UInt8.self) == 0 && memcmp(bytes, bytes + 1, count - 1) == 0)
    }

    private mutating func openedForWriting() throws(Errno) -> Int32 {
        if let writable { return writable.descriptor }
        let opened = DescriptorOwner(
            try ProcessFiles.withPath(source) { name throws(Errno) in
                try systemCall { open(name, O_RDWR | O_CLOEXEC) }
            })
        writable = opened
        return opened.descriptor
    }
}
