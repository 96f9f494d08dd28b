import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// Every inode that the kernel knows: one for each node of the source, however many names it has.
final class InodeTable: @unchecked Sendable {
    private static let shardCount = 64
    private let shards: [LockedState<InodeShard>]
    let budget: DescriptorBudget
    let filesystems = LockedState<[SourceFilesystem]>([])
    /// The filesystem of the root; set by `init`, as is the root.
    private var rootFilesystem: SourceFilesystem?
    private var rootInode: Inode?
    /// Stands for a node that has no record: whatever is asked of it is ESTALE. Set by `init` where there are records.
    private var unknownInode: Inode?
    /// Told of each directory that the kernel has forgotten, while its node is no other's yet. Set before the first request.
    var directoryIsForgotten: ((NodeID) -> Void)?
    /// Whether the source ends where another filesystem is mounted inside.
    let oneFilesystem: Bool
    /// What is handed on to the next daemon; nil: nothing.
    let records: MountRecords?
    /// The nodes of `records`, here so that a request counts no references to come to them.
    let nodes: NodeRecords?

    /// A table for the tree below `source`, an open directory that the table then owns.
    ///
    /// - Parameter records: what is handed on to the next daemon, and what the last one has left.
    init(
        source: Int32, descriptorLimit: Int, oneFilesystem: Bool = false, records: MountRecords? = nil
    ) throws(Errno) {
        self.oneFilesystem = oneFilesystem
        self.records = records
        nodes = records?.nodes
        budget = DescriptorBudget(limit: descriptorLimit)
        shards = (0..<Self.shardCount).map { _ in LockedState(InodeShard()) }
        let status: SourceStatus
        do throws(Errno) {
            status = try SourceStatus(source)
        } catch {
            close(source)
            throw error
        }
        let filesystem = SourceFilesystem(
            index: 0, numberSpace: 0, device: status.device, mount: status.mount, descriptor: source, isBoundary: false,
            budget: budget, hasRecords: records != nil)
        rootFilesystem = filesystem
        filesystem.table = self
        filesystems.withLock { $0 = [filesystem] }
        if records?.isTakenOver == false { records?.note(filesystem) }
        var handle = folio_handle()
        let root: Inode
        if filesystem.opensHandles, folio_file_handle(source, &handle) == 0 {
            root = InodeKey.with(&handle) { add($0, filesystem, status, generation: 0) }
        } else {
            let path = try systemCall { fcntl(source, F_DUPFD_CLOEXEC, 0) }
            root = InodeKey.with(numberOf: status) { add($0, filesystem, status, generation: 0) }
            root.place = .pinned(DescriptorOwner(path))
        }
        rootInode = root
        guard let records else { return }
        unknownInode = withUnsafeBytes(of: UInt64(0)) {
            Inode(
                InodeKey(type: InodeKey.byNumber, bytes: $0), on: filesystem, number: 0, type: S_IFREG, generation: .max
            )
        }
        if records.isTakenOver { takeOver(records) }
    }

    /// Knows what the last daemon knew.
    private func takeOver(_ records: MountRecords) {
        var known: [SourceFilesystem] = []
        for (index, record) in records.filesystemRecords().enumerated() {
            guard index > 0 else {
                known = filesystems.withLock { $0 }
                continue
            }
            let filesystem = SourceFilesystem(
                index: UInt16(index), numberSpace: record.numberSpace, device: record.device, mount: record.mount,
                descriptor: record.descriptor, isBoundary: record.isBoundary, budget: budget, hasRecords: true)
            filesystem.table = self
            known.append(filesystem)
        }
        filesystems.withLock { $0 = known }
        records.nodes.takeOver { index, generation, lookups in
            let record = NodeRecord(records.nodes.payload(index))
            guard record.filesystem < known.count else { return }
            let inode = Inode(
                record.key, on: known[record.filesystem], number: record.number, type: record.type,
                generation: generation)
            inode.lookups = lookups
            if record.pinned >= 0 { inode.place = .pinned(DescriptorOwner(record.pinned)) }
            if record.isRetired {
                inode.isRetired.store(true, ordering: .relaxed)
            } else {
                let hash = inode.hash
                shard(hash).state.withLock { $0.insert(hash, inode) }
            }
            records.nodes.setObject(index, UnsafeRawPointer(Unmanaged.passRetained(inode).toOpaque()))
        }
    }

    deinit {
        for shard in shards {
            shard.withLock { shard in
                shard.forEach { Unmanaged.passUnretained($0).release() }
                shard.deallocate()
            }
        }
    }

    /// The root of the tree, which is never forgotten.
    var root: Inode {
        guard let rootInode else { preconditionFailure("a table has its root from init on") }
        return rootInode
    }

    private var unknown: Inode {
        guard let unknownInode else { preconditionFailure("a table with records has it from init on") }
        return unknownInode
    }

    /// A descriptor of the source root.
    var mount: Int32 { rootFilesystem?.descriptor ?? -1 }

    /// How many inodes the kernel knows.
    var count: Int { shards.reduce(0) { $0 + $1.withLock(\.count) } }

    @inline(__always)
    private func shard(_ hash: UInt64) -> (index: Int, state: LockedState<InodeShard>) {
        let index = Int(truncatingIfNeeded: hash & UInt64(Self.shardCount - 1))
        return (index, shards[index])
    }

    /// The inode that the kernel names; its lookup count keeps it alive.
    @inline(__always)
    subscript(node: NodeID) -> Inode {
        if let nodes { return recorded(node, nodes) ?? (node == .root ? root : unknown) }
        guard node != .root, let pointer = UnsafeRawPointer(bitPattern: UInt(node.rawValue)) else { return root }
        return Unmanaged<Inode>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// The inode of a node number, by its record; nil: it has none.
    @inline(__always)
    private func recorded(_ node: NodeID, _ nodes: NodeRecords) -> Inode? {
        guard node != .root, let index = NodeRecords.index(node), let object = nodes.object(index) else { return nil }
        return Unmanaged<Inode>.fromOpaque(object).takeUnretainedValue()
    }

    /// The inode of a node number that need not be one: NFS clients keep them for as long as they like.
    func inode(ofUntrusted node: NodeID) -> Inode? {
        guard node != .root else { return root }
        if let nodes {
            guard let index = NodeRecords.index(node) else { return nil }
            return shards[Int(index) % Self.shardCount].withLock { _ in recorded(node, nodes) }
        }
        for shard in shards {
            let found = shard.withLock { shard in shard.contains(address: node.rawValue) ? self[node] : nil }
            if let found { return found }
        }
        return nil
    }

    /// The inode of a key, where the kernel knows it; nothing is counted.
    func known(_ key: InodeKey, on filesystem: SourceFilesystem) -> Inode? {
        let hash = key.hash(filesystem.index)
        return shard(hash).state.withLock { $0.find(hash) { $0.isNode(key, on: filesystem) } }
    }

    /// The inode of a key, looked up once more.
    ///
    /// - Parameters:
    ///   - generation: its generation where it is new; nil: one that no other inode has or had.
    ///   - isUntold: whether, where it is new, the kernel is told nothing of it yet that it may keep.
    func add(
        _ key: InodeKey, _ filesystem: SourceFilesystem, _ status: SourceStatus, generation: UInt64? = nil,
        isUntold: Bool = false
    ) -> Inode {
        let hash = key.hash(filesystem.index)
        let (index, state) = shard(hash)
        return state.withLock { shard in
            if let known = shard.find(hash, { $0.isNode(key, on: filesystem) }) {
                known.lookups += 1
                if let record = known.record { nodes?.grant(record) }
                return known
            }
            shard.created += 1
            var next = shard.created * UInt64(Self.shardCount) + UInt64(index)
            let record = generation == nil ? nodes?.allocate(index) : nil
            if let record { next = record.generation }
            let inode = Inode(
                key, on: filesystem, number: status.number, type: status.status.st_mode & S_IFMT,
                generation: generation ?? next, isUntold: isUntold)
            inode.lookups = 1
            shard.insert(hash, inode)
            let object = Unmanaged.passRetained(inode).toOpaque()
            if let record, let nodes {
                NodeRecord(nodes.payload(record.index)).fill(
                    key, filesystem, number: status.number, type: status.status.st_mode & S_IFMT)
                nodes.setObject(record.index, UnsafeRawPointer(object))
                nodes.begin(record.index, generation: record.generation)
            }
            return inode
        }
    }

    /// Keeps an inode known for as long as `forget` does not take it back.
    ///
    /// - Parameter isLookup: whether the kernel is told of it, and will give it back.
    func hold(_ inode: Inode, isLookup: Bool = false) {
        shard(inode.hash).state.withLock { _ in
            inode.lookups += 1
            if isLookup, let record = inode.record { nodes?.grant(record) }
        }
    }

    /// Has the next lookup of a file make another inode for it; this one is good for who has it open.
    func retire(_ inode: Inode) {
        let hash = inode.hash
        shard(hash).state.withLock { shard in
            inode.isRetired.store(true, ordering: .relaxed)
            if let nodes, let record = inode.record { NodeRecord(nodes.payload(record)).isRetired = true }
            shard.remove(hash, inode)
        }
    }

    /// Takes back `count` lookups.
    func forget(_ node: NodeID, count: UInt64) {
        guard node != .root else { return }
        if let nodes {
            if let inode = recorded(node, nodes) { forget(inode, count: count) }
        } else {
            forget(self[node], count: count)
        }
    }

    /// Takes back `count` lookups.
    ///
    /// - Parameter isLookup: whether the kernel was told of them, not `hold` alone.
    func forget(_ inode: Inode, count: UInt64, isLookup: Bool = true) {
        guard inode !== rootInode else { return }
        let hash = inode.hash
        let gone = shard(hash).state.withLock { shard in
            inode.lookups -= min(count, inode.lookups)
            let record = inode.record
            if isLookup, let record { nodes?.giveBack(record, count: count) }
            guard inode.lookups == 0 else { return false }
            shard.remove(hash, inode)
            if let record { nodes?.end(record) }
            return true
        }
        if gone, inode.type == S_IFDIR { directoryIsForgotten?(inode.node) }
        if gone { Unmanaged.passUnretained(inode).release() }
    }

    /// Calls `body` with every inode that the kernel knows, one part of the table after the other; what comes meanwhile may
    /// be left out.
    func forEachKnown(_ body: (Inode) -> Void) {
        for shard in shards {
            var inodes: [Inode] = []
            shard.withLock { shard in
                inodes.reserveCapacity(shard.count)
                shard.forEach { inodes.append($0) }
            }
            for inode in inodes { body(inode) }
        }
    }
}
