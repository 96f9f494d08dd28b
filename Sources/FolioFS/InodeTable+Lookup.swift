import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// From the source's names and descriptors to inodes.
extension InodeTable {
    /// How often a name is asked about again when its two answers speak of two files, before it is opened.
    private static let attempts = 4

    /// Looks a directory's entry up; it counts as looked up once more.
    ///
    /// Nothing is opened: attributes and handle are asked for by name, and must speak of the same node.
    /// - Parameter directory: a descriptor of `parent`.
    /// - Throws: EXDEV for a file that another filesystem has, where the source ends at those.
    @inline(__always)
    func lookUp(
        _ name: UnsafePointer<CChar>, in parent: Inode, _ directory: Int32
    ) throws(Errno) -> (inode: Inode, status: stat) {
        for _ in 0..<Self.attempts {
            let status = try SourceStatus(directory, name)
            let filesystem =
                parent.filesystem.holds(status)
                ? parent.filesystem : try self.filesystem(of: status, name, in: parent, directory)
            guard let filesystem else { continue }
            guard filesystem.opensHandles else {
                return (keep(status, on: filesystem, .named(NodeName(parent: parent, name: name))), status.status)
            }
            var handle = folio_handle()
            var mount: Int32 = 0
            do throws(Errno) {
                _ = try systemCall { folio_name_handle(directory, name, &handle, &mount) }
            } catch {
                guard Self.lacksHandle(error) else { throw error }
                return (keep(status, on: filesystem, .named(NodeName(parent: parent, name: name))), status.status)
            }
            guard let encoding = HandleEncoding(magic: filesystem.magic, type: handle.type) else { break }
            let inode: Inode? = InodeKey.with(&handle) { key in
                guard UInt64(mount) == status.mount, encoding.names(status.number, key.bytes) else { return nil }
                return add(key, filesystem, status)
            }
            if let inode { return (inode, status.status) }
        }
        let path = DescriptorOwner(
            try budget.open { openat(directory, name, SourceFlags.pathOnly | SourceFlags.noFollow | O_CLOEXEC) })
        return try lookUp(path.descriptor, parent: parent, name: name)
    }

    /// Looks an open file up; it counts as looked up once more.
    ///
    /// - Parameters:
    ///   - descriptor: of any kind; it stays the caller's.
    ///   - parent: where it has a name, `name`.
    ///   - isUntold: whether, where the kernel does not know it, it is told nothing of it yet that it may keep.
    func lookUp(
        _ descriptor: Int32, parent: Inode?, name: UnsafePointer<CChar>?, isUntold: Bool = false
    ) throws(Errno) -> (inode: Inode, status: stat) {
        let status = try SourceStatus(descriptor)
        let filesystem = try filesystem(ofOpen: descriptor, status)
        var handle = folio_handle()
        if filesystem.opensHandles, folio_file_handle(descriptor, &handle) == 0 {
            return (InodeKey.with(&handle) { add($0, filesystem, status, isUntold: isUntold) }, status.status)
        }
        if let parent, let name {
            return (keep(status, on: filesystem, .named(NodeName(parent: parent, name: name))), status.status)
        }
        let path = try ProcessFiles.withPath(descriptor) { name throws(Errno) in
            try budget.open { Glibc.open(name, SourceFlags.pathOnly | O_CLOEXEC) }
        }
        return (keep(status, on: filesystem, .pinned(DescriptorOwner(path))), status.status)
    }

    private static func lacksHandle(_ error: Errno) -> Bool {
        error == .notSupported || error.rawValue == EOVERFLOW
    }

    /// The inode of a node that is kept by name, and where it is now.
    private func keep(_ status: SourceStatus, on filesystem: SourceFilesystem, _ place: NodePlace) -> Inode {
        let inode = InodeKey.with(numberOf: status) { add($0, filesystem, status) }
        inode.move(to: place)
        return inode
    }
}

/// The filesystems of the source.
extension InodeTable {
    /// The filesystem that an entry is on, which is not that of its directory.
    ///
    /// - Returns: nil: the entry has become another.
    private func filesystem(
        of status: SourceStatus, _ name: UnsafePointer<CChar>, in parent: Inode, _ directory: Int32
    ) throws(Errno) -> SourceFilesystem? {
        let ends = oneFilesystem && isBeyond(status)
        if ends, !status.isDirectory { throw .improperLink }
        if let known = known(status) { return known }
        var descriptor: Int32 = -1
        switch status.status.st_mode & S_IFMT {
        case S_IFDIR where !ends, S_IFREG:
            let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | SourceFlags.noFollow | O_CLOEXEC
            // What cannot be opened is kept by name.
            descriptor = (try? budget.open { openat(directory, name, flags) }) ?? -1
        default: break
        }
        if descriptor >= 0 {
            guard let opened = try? SourceStatus(descriptor), opened.mount == status.mount,
                opened.device == status.device
            else {
                close(descriptor)
                return nil
            }
        }
        return add(status, descriptor, isBoundary: ends)
    }

    private func filesystem(ofOpen descriptor: Int32, _ status: SourceStatus) throws(Errno) -> SourceFilesystem {
        if let known = known(status) { return known }
        let real =
            try? ProcessFiles.withPath(descriptor) { name throws(Errno) in
                try budget.open { Glibc.open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
            }
        return add(status, real ?? -1, isBoundary: oneFilesystem && isBeyond(status))
    }

    /// Whether a node is beyond the filesystem of the root: on another mount, or in another subvolume of btrfs.
    ///
    /// A file's device alone says nothing: overlayfs shows those of its layers.
    private func isBeyond(_ status: SourceStatus) -> Bool {
        let home = root.filesystem
        return status.mount != home.mount || status.isDirectory && status.device != home.device
    }

    /// The filesystem of a node, where one has been met that holds it.
    func known(_ status: SourceStatus) -> SourceFilesystem? {
        filesystems.withLock { $0.first { $0.holds(status) } }
    }

    private func add(_ status: SourceStatus, _ descriptor: Int32, isBoundary: Bool) -> SourceFilesystem {
        filesystems.withLock { filesystems in
            if let known = filesystems.first(where: { $0.holds(status) }) {
                if descriptor >= 0 { close(descriptor) }
                return known
            }
            let index = UInt16(truncatingIfNeeded: filesystems.count)
            let filesystem = SourceFilesystem(
                index: index, numberSpace: filesystems.first { $0.device == status.device }?.numberSpace ?? index,
                device: status.device, mount: status.mount, descriptor: descriptor, isBoundary: isBoundary,
                budget: budget, hasRecords: records != nil)
            filesystem.table = self
            records?.note(filesystem)
            filesystems.append(filesystem)
            return filesystem
        }
    }

    /// The inode that a file handle of a filesystem names, where the kernel knows it: for what the watch of a filesystem
    /// tells, which has statfs(2)'s f_fsid as `filesystem`.
    ///
    /// Nothing is counted; whoever has the inode may name its node to the kernel.
    func known(handleType: Int32, handle: UnsafeRawBufferPointer, filesystem id: UInt64) -> [Inode] {
        let key = InodeKey(type: handleType, bytes: handle)
        return filesystems.withLock { $0 }.compactMap { $0.id == id ? known(key, on: $0) : nil }
    }
}
