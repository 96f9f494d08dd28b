import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// A copy that others may store to, by a shared mapping.
extension StagedCopy {
    /// Told that somebody is about to get a descriptor by which it can be mapped and stored to. What it has until now, the server has put
    /// there. `lock` is not held.
    func beginStores() throws(Errno) {
        try lock.withLock { _ throws(Errno) in
            if !isStoredTo.load(ordering: .relaxed) {
                let size = Int(try Self.status(descriptor).st_size)
                forgetStates()
                states = try Self.states(of: descriptor, size: size, chunkSize: layout.chunkSize)
                record?.states = states?.descriptor ?? -1
                note(isStoredTo: true)
            }
            storesBegun.add(1, ordering: .sequentiallyConsistent)
        }
    }

    /// What the blocks of a file have.
    static func states(of descriptor: Int32, size: Int, chunkSize: Int) throws(Errno) -> BlockStates {
        let states = try BlockStates(room: size)
        let buffers = try ChunkBuffers(chunkSize)
        for offset in stride(from: 0, to: size, by: chunkSize) {
            let count = min(chunkSize, size - offset)
            guard try read(descriptor, buffers.ours, count, at: offset) == count else {
                throw .resourceTemporarilyUnavailable
            }
            states.note(buffers.ours, count, at: offset)
        }
        return states
    }

    /// Knows nothing of its blocks any more, which nobody stores to.
    func forgetStates() {
        guard states != nil else { return }
        record?.states = -1
        states = nil
    }

    /// Notes what the server has put there.
    func note(_ bytes: [UInt8], at offset: Int) {
        bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { states?.note(start, bytes.count, at: offset) }
        }
    }

    /// Carries what was stored to the source, and follows it.
    ///
    /// - Parameter carried: called where something was.
    /// - Throws: what writing it to the source says; what `follow(_:room:carried:)` does.
    func merge(_ source: Int32, room: Int, _ states: BlockStates, carried: () -> Void) throws(Errno) {
        var merge = try StoreMerge(self, source, states)
        defer { if merge.hasCarried { carried() } }
        var isWhole = false
        for attempt in 0..<Self.attempts {
            let hadCarried = merge.hasCarried
            let reports = reports
            let stamp = SourceStamp(try Self.status(source))
            // What it equals stays known to the next daemon as long as nothing contradicts it.
            let isChanged = self.stamp != stamp
            if isChanged { equals(nil) }
            isWhole = try merge.mergeAll(size: stamp.size, room: room, notesAll: isChanged)
            guard isWhole else { continue }
            layout = try DataLayout.read(source, size: stamp.size, chunkSize: layout.chunkSize)
            if let failure = merge.failure {
                equals(nil)
                throw failure
            }
            let after = SourceStamp(try Self.status(source))
            if after == stamp, equals(stamp, unlessReportedSince: reports) { return }
            // Its own writes have moved the source's times: compared once more, the two are known to be equal.
            guard attempt == 0, merge.hasCarried != hadCarried else { break }
        }
        equals(nil)
        // Who is storing all the time is carried again soon.
        guard isWhole else { throw .resourceTemporarilyUnavailable }
    }

    /// Merges the blocks that a write begins and ends in, so that what was stored beside it is known.
    ///
    /// - Returns: the bytes of the range's blocks once `data` is written to `offset`, from the first block's beginning on; nil: the range is
    ///   not within the copy.
    func blocks(
        after data: UnsafeRawBufferPointer, at offset: Int, _ source: Int32
    ) throws(Errno) -> (bytes: [UInt8], offset: Int)? {
        let end = offset + data.count
        guard let states, !data.isEmpty, end <= states.size else { return nil }
        var merge = try StoreMerge(self, source, states)
        let start = offset / BlockStates.blockSize * BlockStates.blockSize
        let first = try merge.block(at: offset)
        let last = try merge.block(at: end - 1)
        if let failure = merge.failure { throw failure }
        guard let first, let last else { return nil }
        let tail = (end - 1) / BlockStates.blockSize * BlockStates.blockSize
        var bytes = Array(first.prefix(offset - start))
        bytes.append(contentsOf: data)
        bytes.append(contentsOf: last.dropFirst(end - tail))
        return (bytes, start)
    }
}
