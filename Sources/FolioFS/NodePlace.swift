import FuseServer
import Glibc

/// How a node is reached that has no handle which opens it.
enum NodePlace {
    /// By a name in a directory.
    case named(NodeName)
    /// By an O_PATH descriptor: its names are gone, or it never had one.
    case pinned(DescriptorOwner)
}

/// A name in a directory; it keeps the directory known.
final class NodeName: @unchecked Sendable {
    let parent: Inode
    private let bytes: UnsafeMutablePointer<CChar>

    /// - Parameter name: NUL-terminated.
    init(parent: Inode, name: UnsafePointer<CChar>) {
        self.parent = parent
        let size = strlen(name) + 1
        bytes = .allocate(capacity: size)
        bytes.initialize(from: name, count: size)
        parent.filesystem.table?.hold(parent)
    }

    deinit {
        bytes.deallocate()
        parent.filesystem.table?.forget(parent, count: 1, isLookup: false)
    }

    /// NUL-terminated.
    var pointer: UnsafePointer<CChar> { UnsafePointer(bytes) }

    func isSame(_ parent: Inode, _ name: UnsafePointer<CChar>) -> Bool {
        self.parent === parent && strcmp(bytes, name) == 0
    }
}

extension Inode {
    /// Has it reached by `place` from now on, if it is kept by name or a directory that is removed; nil: by its handle.
    func move(to place: NodePlace?) {
        // What goes is let go of outside the lock: it may be the last that kept its directory known.
        let old = filesystem.places.withLock { _ in
            defer { self.place = place }
            return self.place
        }
        if filesystem.hasRecords, let nodes = filesystem.table?.nodes, let record {
            let record = NodeRecord(nodes.payload(record))
            if case .pinned(let owner)? = place { record.pinned = owner.descriptor } else { record.pinned = -1 }
        }
        _ = old
    }
}
