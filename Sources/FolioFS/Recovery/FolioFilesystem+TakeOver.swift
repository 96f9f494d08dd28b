import FuseServer
import Glibc
import LinuxFacts
import Logging
import SystemPackage

/// How a daemon goes on with what the last one had open and locked.
extension FolioFilesystem {
    /// Takes handles, locks and counters over.
    /// - Returns: the backing files that are in use.
    func takeOver() -> Set<BackingID> {
        guard let records, records.isTakenOver else { return [] }
        var backings: Set<BackingID> = []
        records.handles.takeOver { index, _ in
            let record = HandleRecord(records.handles.payload(index))
            let inode = inode(generation: record.generation, records)
            if record.sort == .directory {
                return (try? OpenDirectory(inode, isOpenAgain: true)).map {
                    UnsafeRawPointer(Unmanaged.passRetained($0).toOpaque())
                }
            }
            if let backing = record.backing { backings.insert(backing) }
            return UnsafeRawPointer(Unmanaged.passRetained(takeOver(record, inode, records)).toOpaque())
        }
        records.locks.forEach { takeOver($0, records) }
        counters.withLock { counters in
            for counter in Counter.allCases { counters[counter] = records.counted(counter) }
        }
        return backings
    }

    private func inode(generation: UInt64, _ records: MountRecords) -> Inode {
        generation == 0 ? table.root : table[NodeRecords.node(NodeRecords.index(generation: generation))]
    }

    private func takeOver(_ record: HandleRecord, _ inode: Inode, _ records: MountRecords) -> HeldFile {
        var kind = OpenFile.Kind.source
        if let copy = record.mirror.flatMap({ staging?.copy(recorded: $0) }) { kind = .mirrored(copy) }
        if record.sort == .alignedExec, record.descriptor >= 0,
            let size = (try? StagedCopy.status(record.descriptor))?.st_size
        {
            kind = .alignedExec(
                AlignedProgramHeaders.patches(record.descriptor, fileSize: Int(size), pmdSize: router.pmdSize))
        }
        let file = HeldFile(
            inode, record.descriptor, flags: record.flags, kind: kind, tellsCloses: record.tellsCloses,
            isBacked: record.backing != nil, records: records)
        inode.serving.withLock { serving in
            let copy = record.serving.flatMap { staging?.copy(recorded: $0) }
            if serving.opens == 0, let copy { staging?.use(copy) }
            serving.opens += 1
            if file.isWritable { serving.writers += 1 }
            serving.mode = record.backing.map { .passthrough($0, copy: copy) } ?? .cached
        }
        OpenState.opened(file)
        return file
    }

    private func takeOver(_ record: LockRecord, _ records: MountRecords) {
        let inode = inode(generation: record.generation, records)
        let owner = LockOwner(
            descriptor: record.descriptor, process: record.process, record: record, in: records.locks)
        owner.ranges = HeldLocks.ranges(record.descriptor)
        // An owner that had taken nothing yet goes.
        guard !owner.ranges.isEmpty else { return }
        owner.handles = Set(record.handles)
        inode.serving.withLock { $0.isRecordLocked = true }
        inode.locks.withLock { $0[record.owner] = owner }
        let isTold = record.handles.allSatisfy { (try? HeldFile.of($0, records))?.tellsCloses == true }
        if !isTold { watchExit(of: record.process, record.owner, inode) }
    }
}
