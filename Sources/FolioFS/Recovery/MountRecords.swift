import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
import Synchronization
package import SystemPackage

/// What a daemon of this filesystem hands on to the next one, beside nodes and handles: the filesystems of the source, locks and
/// counters; and how all of it is taken over.
///
/// A descriptor is handed on by a record that names it: the record is stored after the descriptor is there, and ended before
/// it is closed. Whatever no record names is closed by the next daemon.
package final class MountRecords: @unchecked Sendable {
    /// Which form these records have.
    package static let form: UInt64 = 2

    /// The form of everything that is handed on, to be compared.
    package static let formText = "\(RecoveryMemory.form).\(form)"

    private enum Place {
        static let source = 0
        static let mountpoint = 8 << 10
        static let counters = 16 << 10
        static let filesystems = 64 << 10
        static let stagingRoot = 60 << 10
        static let locks = 1 << 20
        static let copies = 96 << 20
    }

    let memory: RecoveryMemory
    let locks: RecordTable<LockRecord>
    let copies: RecordTable<CopyRecord>
    /// Whether there was a daemon before this one.
    let isTakenOver: Bool
    /// How many open files may keep their descriptors for as long as they are open.
    private let mostFixed: Int
    private let fixed = Atomic(0)

    var nodes: NodeRecords { memory.nodes }
    var handles: HandleRecords { memory.handles }

    /// The records of this mount. What the last daemon left is settled, and what it had open besides is closed.
    ///
    /// - Parameters:
    ///   - keeping: descriptors of this process that are none of the last daemon's.
    ///   - descriptorLimit: how many descriptors the process may have.
    /// - Throws: what writing to /dev/fuse says.
    init(_ memory: RecoveryMemory, keeping: Set<Int32>, descriptorLimit: Int) throws(Errno) {
        self.memory = memory
        isTakenOver = memory.isServing
        mostFixed = descriptorLimit / 4
        locks = RecordTable(memory.filesystem + Place.locks, capacity: 1 << 20)
        copies = RecordTable(memory.filesystem + Place.copies, capacity: 1 << 16)
        if isTakenOver { try memory.settle() } else { memory.begin() }
        guard isTakenOver else { return }
        let watches = memory.closeDescriptors(but: keeping.union(claimedDescriptors()), leaving: Self.isWatch)
        BackgroundThread.run { for watch in watches { close(watch) } }
    }

    /// Whether a descriptor is of fanotify(7), inotify(7), PSI (Documentation/accounting/psi.rst) or the like: to close one takes some 10 ms,
    /// since it waits for whoever is in the middle of telling it (Linux 6.18 fs/notify/group.c, kernel/sched/psi.c), and nobody misses it: it
    /// holds no lock.
    private static func isWatch(_ descriptor: Int32) -> Bool {
        guard fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0, let target = ProcessFiles.target(descriptor) else {
            return false
        }
        return ["anon_inode:", "/proc/pressure/", "/sys/fs/cgroup/"].contains { target.starts(with: $0.utf8) }
    }

    private func claimedDescriptors() -> Set<Int32> {
        var claimed: Set<Int32> = []
        func claim(_ descriptor: Int32) { if descriptor >= 0 { claimed.insert(descriptor) } }
        nodes.forEach { claim(NodeRecord(nodes.payload($0)).pinned) }
        handles.forEach { claim(HandleRecord(handles.payload($0)).descriptor) }
        locks.forEach { claim($0.descriptor) }
        claim(stagingRoot)
        copies.forEach {
            claim($0.descriptor)
            claim($0.source)
            claim($0.states)
        }
        for record in filesystemRecords() { claim(record.descriptor) }
        return claimed
    }

    /// The root of the source as the last daemon had it open; nil: there was none.
    var source: Int32? { isTakenOver ? filesystemRecord(0).descriptor : nil }

    // MARK: Places

    /// Notes what is mounted where, for an image of the program that knows it from here alone.
    /// - Returns: whether the paths are short enough.
    package static func note(source: FilePath, mountpoint: FilePath, in memory: RecoveryMemory) -> Bool {
        for (path, place) in [(source, Place.source), (mountpoint, Place.mountpoint)] {
            let bytes = Array(path.string.utf8) + [0]
            guard bytes.count <= Place.mountpoint - Place.source else { return false }
            UnsafeMutableRawBufferPointer(start: memory.filesystem + place, count: bytes.count).copyBytes(from: bytes)
        }
        return true
    }

    /// What is mounted where, as it was noted.
    package static func places(in memory: RecoveryMemory) -> (source: FilePath, mountpoint: FilePath) {
        func path(_ place: Int) -> FilePath {
            FilePath(platformString: (memory.filesystem + place).assumingMemoryBound(to: CChar.self))
        }
        return (path(Place.source), path(Place.mountpoint))
    }

    // MARK: Files

    /// Whether one more open file may keep its descriptor for as long as it is open.
    func takesFixed() -> Bool {
        if fixed.add(1, ordering: .relaxed).newValue <= mostFixed { return true }
        givesFixedBack()
        return false
    }

    func givesFixedBack() { fixed.subtract(1, ordering: .relaxed) }

    // MARK: Filesystems

    private static let filesystemCapacity = 4096

    private func filesystemRecord(_ index: Int) -> FilesystemRecord {
        FilesystemRecord(memory.filesystem + Place.filesystems + index * FilesystemRecord.size)
    }

    /// The filesystems of the source, by their indices.
    func filesystemRecords() -> [FilesystemRecord] {
        Array((0..<Self.filesystemCapacity).lazy.map { self.filesystemRecord($0) }.prefix { $0.isInUse })
    }

    /// Notes a filesystem of the source.
    func note(_ filesystem: SourceFilesystem) {
        guard Int(filesystem.index) < Self.filesystemCapacity else { return }
        filesystemRecord(Int(filesystem.index)).begin(filesystem)
    }

    /// The tmpfs of staged copies; -1: there is none.
    var stagingRoot: Int32 {
        get { (memory.filesystem + Place.stagingRoot).load(as: Int32.self) - 1 }
        set { (memory.filesystem + Place.stagingRoot).storeBytes(of: newValue + 1, as: Int32.self) }
    }

    // MARK: Counters

    /// What was counted by the daemons before.
    func counted(_ counter: Counter) -> Int { (memory.filesystem + place(counter)).load(as: Int.self) }

    func note(_ counter: Counter, _ count: Int) {
        (memory.filesystem + place(counter)).storeBytes(of: count, as: Int.self)
    }

    private static let counterIndices = Dictionary(
        uniqueKeysWithValues: Counter.allCases.enumerated().map { ($1, $0) })

    private func place(_ counter: Counter) -> Int { Place.counters + (Self.counterIndices[counter] ?? 0) * 8 }
}
