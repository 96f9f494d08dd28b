import FuseServer
import Glibc
import SystemPackage

/// A tar archive as a read-only filesystem: nothing is unpacked, a read of a file is a read of the archive.
///
/// Nothing changes after `init`, so its methods, which run on several threads at once, need no lock; and as every node stays, there is
/// nothing to do for `forget`.
final class ArchiveFilesystem: Filesystem {
    private struct Node {
        var status: stat
        var offset = 0
        var target: [UInt8] = []
        /// Names in it, each with the number of its node, sorted by that.
        var children: [(name: [UInt8], number: Int)] = []
    }

    private let archive: FileDescriptor
    /// By number; node ids are one more, as the root is 1.
    private let nodes: [Node]
    private let numbers: [[UInt8]: Int]

    /// A filesystem of what an open archive holds; directories that it does not name are made up.
    init(_ archive: FileDescriptor, _ contents: TarArchive) {
        self.archive = archive
        var nodes = [Node(status: Self.status(1, S_IFDIR | 0o755))]
        var numbers: [[UInt8]: Int] = [[]: 0]
        func number(of path: ArraySlice<UInt8>) -> Int {
            if let known = numbers[Array(path)] { return known }
            let slash = path.lastIndex(of: UInt8(ascii: "/"))
            let parent = number(of: slash.map { path[path.startIndex..<$0] } ?? [])
            let new = nodes.count
            nodes.append(Node(status: Self.status(new + 1, S_IFDIR | 0o755)))
            numbers[Array(path)] = new
            nodes[parent].children.append((Array(slash.map { path[($0 + 1)...] } ?? path), new))
            return new
        }
        for member in contents.members {
            let new = number(of: member.path[...])
            var status = Self.status(new + 1, member.mode)
            (status.st_uid, status.st_gid) = (member.user, member.group)
            status.st_size = member.mode & S_IFMT == S_IFLNK ? member.target.count : member.size
            status.st_blocks = blkcnt_t((member.size + 511) / 512)
            let time = timespec(tv_sec: member.time, tv_nsec: 0)
            (status.st_atim, status.st_mtim, status.st_ctim) = (time, time, time)
            nodes[new].status = status
            (nodes[new].offset, nodes[new].target) = (member.offset, member.target)
        }
        self.nodes = nodes
        self.numbers = numbers
    }

    // MARK: Names

    func lookup(_ request: LookupRequest) throws(Errno) -> Entry {
        let parent = try node(request.parent)
        let name = request.name.bytes
        guard let found = parent.children.first(where: { $0.name == name }) else { throw .noSuchFileOrDirectory }
        // The kernel may keep what cannot change for as long as it likes.
        return Entry(
            node: NodeID(rawValue: UInt64(found.number + 1)),
            attributes: Attributes(nodes[found.number].status, timeout: Self.forever), timeout: Self.forever)
    }

    func forget(_ node: NodeID, count: UInt64) {}

    func readLink(_ request: ReadLinkRequest) throws(Errno) -> [UInt8] { try node(request.node).target }

    func getAttributes(_ request: GetAttributesRequest) throws(Errno) -> Attributes {
        Attributes(try node(request.node).status, timeout: Self.forever)
    }

    // MARK: Contents

    func open(_ request: OpenRequest) throws(Errno) -> OpenReply {
        guard request.flags & O_ACCMODE == O_RDONLY else { throw .readOnlyFileSystem }
        return OpenReply(handle: HandleID(rawValue: 0), flags: .keepCache)
    }

    func read(_ request: ReadRequest, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        let node = try node(request.node)
        let left = max(0, Int(node.status.st_size) - Int(request.offset))
        let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(left, buffer.count)])
        do {
            return try archive.read(fromAbsoluteOffset: Int64(node.offset) + request.offset, into: wanted)
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    func openDirectory(_ request: OpenRequest) throws(Errno) -> OpenReply { OpenReply(handle: HandleID(rawValue: 0)) }

    func readDirectory(_ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer) throws(Errno) {
        for child in try node(request.node).children where Int64(child.number) > request.offset {
            let added = (child.name + [0]).withUnsafeBytes { bytes in
                guard let name = bytes.bindMemory(to: CChar.self).baseAddress else { return false }
                return buffer.add(
                    name: EntryName(name), inode: UInt64(child.number + 1),
                    type: UInt8(nodes[child.number].status.st_mode >> 12), next: Int64(child.number))
            }
            guard added else { return }
        }
    }

    func statistics(_ request: StatisticsRequest) throws(Errno) -> FilesystemStatistics {
        var statistics = statvfs()
        (statistics.f_bsize, statistics.f_frsize, statistics.f_namemax) = (512, 512, 255)
        statistics.f_files = fsfilcnt_t(nodes.count)
        return statistics
    }

    // MARK: Nodes

    /// A day, in seconds.
    private static let forever = 86_400.0

    private func node(_ id: NodeID) throws(Errno) -> Node {
        guard id.rawValue >= 1, id.rawValue <= UInt64(nodes.count) else { throw .staleNFSFileHandle }
        return nodes[Int(id.rawValue) - 1]
    }

    private static func status(_ inode: Int, _ mode: mode_t) -> stat {
        var status = stat()
        status.st_ino = ino_t(inode)
        status.st_mode = mode
        status.st_nlink = 1
        return status
    }
}
