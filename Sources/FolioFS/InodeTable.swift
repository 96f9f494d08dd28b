import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// Every inode that the kernel knows: one for each file of the source, however many names it has.
final class InodeTable: @unchecked Sendable {
    private static let shardCount = 64
    private let shards: [LockedState<[FileIdentity: Inode]>]
    /// A descriptor of the source root, by which handles are opened.
    let mount: Int32
    private let rootDevice: UInt64
    private let supportsHandles: Bool
    /// How many descriptors inodes may hold; beyond it they are kept by handle where the source has handles.
    private let descriptorLimit: Int
    /// How many descriptors inodes hold.
    let descriptors = LockedState(0)
    private let devices = LockedState<[UInt64]>([])
    /// The root; set by `init`, which needs the table for it.
    private var rootInode: Inode?

    /// A table for the tree below `source`, an open directory that the table then owns.
    init(source: Int32, descriptorLimit: Int) throws(Errno) {
        mount = source
        self.descriptorLimit = descriptorLimit
        shards = (0..<Self.shardCount).map { _ in LockedState([:]) }
        var status = stat()
        _ = try systemCall { fstat(source, &status) }
        rootDevice = UInt64(status.st_dev)
        var handle = folio_handle()
        var opens = false
        if folio_file_handle(source, &handle) == 0 {
            let descriptor = folio_open_handle(source, &handle, SourceFlags.pathOnly | O_CLOEXEC)
            opens = descriptor >= 0
            if opens { close(descriptor) }
        }
        supportsHandles = opens
        let path = try systemCall { dup(source) }
        let root = Inode(
            identity: FileIdentity(status), type: status.st_mode & S_IFMT, shownNumber: UInt64(status.st_ino),
            reach: .descriptor(path), table: self)
        descriptors.withLock { $0 += 1 }
        root.lookups = 1
        rootInode = root
        shard(root.identity).withLock { $0[root.identity] = root }
    }

    deinit { close(mount) }

    /// The root of the tree, which is never forgotten.
    var root: Inode {
        guard let rootInode else { preconditionFailure("a table has its root from init on") }
        return rootInode
    }

    /// How many inodes the kernel knows.
    var count: Int { shards.reduce(0) { $0 + $1.withLock(\.count) } }

    @inline(__always)
    private func shard(_ identity: FileIdentity) -> LockedState<[FileIdentity: Inode]> {
        shards[Int(truncatingIfNeeded: identity.inode ^ identity.device) & (Self.shardCount - 1)]
    }

    /// The inode that the kernel names; its lookup count keeps it alive.
    @inline(__always)
    subscript(node: NodeID) -> Inode {
        guard node != .root, let pointer = UnsafeRawPointer(bitPattern: UInt(node.rawValue)) else { return root }
        return Unmanaged<Inode>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// The inode of `identity` where the kernel knows it.
    func known(_ identity: FileIdentity) -> Inode? { shard(identity).withLock { $0[identity] } }

    /// Looks up once more a file that the kernel knows and whose descriptor pins its number; nil: not so.
    func lookUpKnown(_ identity: FileIdentity) -> Inode? {
        shard(identity).withLock { inodes in
            guard let known = inodes[identity], known.isPinned else { return nil }
            known.lookups += 1
            return known
        }
    }

    /// Looks up the file at `path`, an O_PATH descriptor that the table then owns, once more.
    func lookUp(path: Int32, _ status: stat) -> Inode {
        let identity = FileIdentity(status)
        let shard = shard(identity)
        var ownsPath = true
        defer { if ownsPath { close(path) } }
        return shard.withLock { inodes in
            var handle = folio_handle()
            if let known = inodes[identity],
                known.isSame(as: { folio_file_handle(path, &handle) == 0 ? handle : nil })
            {
                known.lookups += 1
                return known
            }
            let keepsDescriptor = mustKeepDescriptor(identity, path, &handle)
            ownsPath = !keepsDescriptor
            let inode = Inode(
                identity: identity, type: status.st_mode & S_IFMT,
                shownNumber: shownNumber(identity), reach: keepsDescriptor ? .descriptor(path) : .handle(handle),
                table: self)
            inode.lookups = 1
            inodes[identity] = inode
            _ = Unmanaged.passRetained(inode)
            return inode
        }
    }

    private func mustKeepDescriptor(_ identity: FileIdentity, _ path: Int32, _ handle: inout folio_handle) -> Bool {
        let withinLimit = descriptors.withLock { count in
            guard count < descriptorLimit else { return false }
            count += 1
            return true
        }
        if withinLimit { return true }
        if supportsHandles, identity.device == rootDevice, folio_file_handle(path, &handle) == 0 { return false }
        descriptors.withLock { $0 += 1 }
        return true
    }

    /// Takes back `count` lookups.
    func forget(_ node: NodeID, count: UInt64) {
        guard node != .root else { return }
        let inode = self[node]
        let gone = shard(inode.identity).withLock { inodes in
            inode.lookups -= min(count, inode.lookups)
            guard inode.lookups == 0 else { return false }
            if inodes[inode.identity] === inode { inodes[inode.identity] = nil }
            return true
        }
        if gone { Unmanaged.passUnretained(inode).release() }
    }

    /// The inode number that programs see: the source's own, told apart by device where the source crosses mounts.
    func shownNumber(_ identity: FileIdentity) -> UInt64 {
        guard identity.device != rootDevice else { return identity.inode }
        let index = devices.withLock { devices in
            if let index = devices.firstIndex(of: identity.device) { return index }
            devices.append(identity.device)
            return devices.count - 1
        }
        return identity.inode ^ UInt64(index + 1) << 48
    }
}
