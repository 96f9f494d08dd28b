import FuseServer
import Glibc
import Synchronization
import SystemPackage

/// Directories, files and symbolic links that live in this process and vanish with it.
final class MemoryFilesystem: Filesystem {
    private struct Node {
        var status: stat
        var content: Content
        /// How often the kernel has looked it up, less what it gave back.
        var lookups: UInt64 = 0
    }

    private enum Content {
        case file([UInt8])
        case link([UInt8])
        case directory([[UInt8]: UInt64])
    }

    private struct Tree {
        var nodes: [UInt64: Node] = [:]
        var next: UInt64 = 2

        func node(_ id: NodeID) throws(Errno) -> Node {
            guard let node = nodes[id.rawValue] else { throw .noSuchFileOrDirectory }
            return node
        }

        func entries(_ id: NodeID) throws(Errno) -> [[UInt8]: UInt64] {
            guard case .directory(let entries) = try node(id).content else { throw .notDirectory }
            return entries
        }

        mutating func change(_ id: NodeID, _ body: (inout [[UInt8]: UInt64]) -> Void) throws(Errno) {
            var entries = try entries(id)
            body(&entries)
            nodes[id.rawValue]?.content = .directory(entries)
        }

        /// Looks a node up once more.
        mutating func entry(_ number: UInt64) throws(Errno) -> Entry {
            nodes[number]?.lookups += 1
            let status = try node(NodeID(rawValue: number)).status
            return Entry(
                node: NodeID(rawValue: number), attributes: Attributes(status, timeout: 60), timeout: 60)
        }

        mutating func remove(_ name: [UInt8], from parent: NodeID, directory: Bool) throws(Errno) {
            guard let number = try entries(parent)[name] else { throw .noSuchFileOrDirectory }
            if case .directory(let held) = nodes[number]?.content {
                guard directory else { throw .isDirectory }
                guard held.isEmpty else { throw .directoryNotEmpty }
            } else if directory {
                throw .notDirectory
            }
            try change(parent) { $0[name] = nil }
            nodes[number]?.status.st_nlink = 0
            if nodes[number]?.lookups == 0 { nodes[number] = nil }
        }
    }

    private let tree: Mutex<Tree>

    init() {
        var tree = Tree()
        tree.nodes[NodeID.root.rawValue] = Node(
            status: Self.status(1, mode: S_IFDIR | 0o755, user: getuid(), group: getgid()), content: .directory([:]))
        self.tree = Mutex(tree)
    }

    // MARK: Names

    func lookup(_ request: LookupRequest) throws(Errno) -> Entry {
        try with { tree throws(Errno) in
            guard let number = try tree.entries(request.parent)[request.name.bytes] else {
                throw .noSuchFileOrDirectory
            }
            return try tree.entry(number)
        }
    }

    func forget(_ node: NodeID, count: UInt64) {
        tree.withLock { tree in
            guard node != .root, var held = tree.nodes[node.rawValue] else { return }
            held.lookups -= min(count, held.lookups)
            tree.nodes[node.rawValue] = held.lookups == 0 && held.status.st_nlink == 0 ? nil : held
        }
    }

    func makeNode(_ request: MakeNodeRequest) throws(Errno) -> Entry {
        guard request.mode & S_IFMT == S_IFREG else { throw .notSupported }
        return try add(request.parent, request.name, request.mode, request.caller, .file([]))
    }

    func makeDirectory(_ request: MakeDirectoryRequest) throws(Errno) -> Entry {
        try add(request.parent, request.name, request.mode | S_IFDIR, request.caller, .directory([:]))
    }

    func makeSymbolicLink(_ request: SymbolicLinkRequest) throws(Errno) -> Entry {
        try add(request.parent, request.name, S_IFLNK | 0o777, request.caller, .link(request.target.bytes))
    }

    func unlink(_ request: RemoveRequest) throws(Errno) {
        try with { tree throws(Errno) in try tree.remove(request.name.bytes, from: request.parent, directory: false) }
    }

    func removeDirectory(_ request: RemoveRequest) throws(Errno) {
        try with { tree throws(Errno) in try tree.remove(request.name.bytes, from: request.parent, directory: true) }
    }

    func rename(_ request: RenameRequest) throws(Errno) {
        guard request.flags == 0 else { throw .invalidArgument }
        try with { tree throws(Errno) in
            guard let number = try tree.entries(request.parent)[request.name.bytes] else {
                throw .noSuchFileOrDirectory
            }
            let isDirectory = (try? tree.entries(NodeID(rawValue: number))) != nil
            if let replaced = try tree.entries(request.newParent)[request.newName.bytes] {
                guard replaced != number else { return }
                try tree.remove(request.newName.bytes, from: request.newParent, directory: isDirectory)
            }
            try tree.change(request.parent) { $0[request.name.bytes] = nil }
            try tree.change(request.newParent) { $0[request.newName.bytes] = number }
        }
    }

    func readLink(_ request: ReadLinkRequest) throws(Errno) -> [UInt8] {
        try with { tree throws(Errno) in
            guard case .link(let target) = try tree.node(request.node).content else { throw .invalidArgument }
            return target
        }
    }

    // MARK: Attributes

    func getAttributes(_ request: GetAttributesRequest) throws(Errno) -> Attributes {
        try with { tree throws(Errno) in Attributes(try tree.node(request.node).status, timeout: 60) }
    }

    func setAttributes(_ request: SetAttributesRequest) throws(Errno) -> Attributes {
        try with { tree throws(Errno) in
            var node = try tree.node(request.node)
            let which = request.which
            if which.contains(.mode) {
                node.status.st_mode = node.status.st_mode & S_IFMT | request.values.status.st_mode & 0o7777
            }
            if which.contains(.user) { node.status.st_uid = request.values.status.st_uid }
            if which.contains(.group) { node.status.st_gid = request.values.status.st_gid }
            if which.contains(.size), case .file(var bytes) = node.content {
                let size = Int(request.values.status.st_size)
                guard size <= 1 << 30 else { throw .fileTooLarge }
                bytes = Array(bytes.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - bytes.count))
                node.content = .file(bytes)
                node.status.st_size = size
            }
            if which.contains(.modificationTime) { node.status.st_mtim = request.values.status.st_mtim }
            if which.contains(.accessTime) { node.status.st_atim = request.values.status.st_atim }
            if which.contains(.modificationTimeNow) { node.status.st_mtim = Self.now() }
            if which.contains(.accessTimeNow) { node.status.st_atim = Self.now() }
            node.status.st_ctim = Self.now()
            tree.nodes[request.node.rawValue] = node
            return Attributes(node.status, timeout: 60)
        }
    }

    // MARK: Files

    func open(_ request: OpenRequest) throws(Errno) -> OpenReply {
        OpenReply(handle: HandleID(rawValue: 0), flags: .keepCache)
    }

    func read(_ request: ReadRequest, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try with { tree throws(Errno) in
            guard case .file(let bytes) = try tree.node(request.node).content else { throw .isDirectory }
            let wanted = bytes.dropFirst(Int(request.offset)).prefix(buffer.count)
            buffer.copyBytes(from: wanted)
            return wanted.count
        }
    }

    func write(_ request: WriteRequest, _ data: UnsafeRawBufferPointer) throws(Errno) -> Int {
        try with { tree throws(Errno) in
            var node = try tree.node(request.node)
            guard case .file(var bytes) = node.content else { throw .isDirectory }
            let offset = Int(request.offset)
            guard offset + data.count <= 1 << 30 else { throw .fileTooLarge }
            if bytes.count < offset + data.count {
                bytes += [UInt8](repeating: 0, count: offset + data.count - bytes.count)
            }
            bytes.replaceSubrange(offset..<offset + data.count, with: data)
            node.content = .file(bytes)
            node.status.st_size = bytes.count
            node.status.st_mtim = Self.now()
            tree.nodes[request.node.rawValue] = node
            return data.count
        }
    }

    // MARK: Directories

    func openDirectory(_ request: OpenRequest) throws(Errno) -> OpenReply { OpenReply(handle: HandleID(rawValue: 0)) }

    func readDirectory(_ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer) throws(Errno) {
        // Entries are numbered by their node: what comes or goes meanwhile moves no other.
        let entries = try with { tree throws(Errno) in
            try tree.entries(request.node).map { name, number in
                (name: name + [0], number: number, mode: try? tree.node(NodeID(rawValue: number)).status.st_mode)
            }
        }
        for entry in entries.sorted(by: { $0.number < $1.number }) where Int64(entry.number) > request.offset {
            let added = entry.name.withUnsafeBytes { bytes in
                guard let name = bytes.bindMemory(to: CChar.self).baseAddress else { return false }
                return buffer.add(
                    name: EntryName(name), inode: entry.number, type: UInt8((entry.mode ?? 0) >> 12),
                    next: Int64(entry.number))
            }
            guard added else { return }
        }
    }

    func statistics(_ request: StatisticsRequest) throws(Errno) -> FilesystemStatistics {
        var statistics = statvfs()
        statistics.f_bsize = 4096
        statistics.f_frsize = 4096
        statistics.f_namemax = 255
        statistics.f_files = fsfilcnt_t(tree.withLock(\.nodes.count))
        return statistics
    }

    // MARK: The tree

    private func with<Value: Sendable>(
        _ body: (inout Tree) throws(Errno) -> Value
    ) throws(Errno) -> Value {
        try tree.withLock { tree throws(Errno) in try body(&tree) }
    }

    private func add(
        _ parent: NodeID, _ name: EntryName, _ mode: mode_t, _ caller: Caller, _ content: Content
    ) throws(Errno) -> Entry {
        try with { tree throws(Errno) in
            guard try tree.entries(parent)[name.bytes] == nil else { throw .fileExists }
            let number = tree.next
            tree.next += 1
            var status = Self.status(number, mode: mode, user: caller.user, group: caller.group)
            if case .link(let target) = content { status.st_size = target.count }
            tree.nodes[number] = Node(status: status, content: content)
            try tree.change(parent) { $0[name.bytes] = number }
            return try tree.entry(number)
        }
    }

    private static func now() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }

    private static func status(_ number: UInt64, mode: mode_t, user: UInt32, group: UInt32) -> stat {
        var status = stat()
        status.st_ino = ino_t(number)
        status.st_mode = mode
        status.st_nlink = 1
        status.st_uid = user
        status.st_gid = group
        (status.st_atim, status.st_mtim, status.st_ctim) = (now(), now(), now())
        return status
    }
}
