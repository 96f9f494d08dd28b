import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// Names that change through the mount, and how nodes are reached that lose theirs.
extension InodeTable {
    /// A name in a directory that is open.
    struct OpenName {
        let parent: Inode
        /// A descriptor of `parent`.
        let directory: Int32
        let name: UnsafePointer<CChar>

        var place: NodePlace { .named(NodeName(parent: parent, name: name)) }
    }

    /// Carries out the removal of a name; a node that is reached by it is reached by a descriptor from then on.
    /// - Parameter isDirectory: whether the change takes away directories, and nothing else, or everything else.
    func removing(_ name: OpenName, isDirectory: Bool, _ change: () throws(Errno) -> Void) throws(Errno) {
        let filesystem = name.parent.filesystem
        guard !filesystem.opensHandles else {
            guard !isDirectory else { return try keepingDirectory(name, change) }
            keepOpen(name)
            return try change()
        }
        try filesystem.renaming.withLock { _ throws(Errno) in
            try losing(known(at: name), name, change)
        }
    }

    /// Carries out a rename, an exchange where `exchanges`.
    func renaming(
        _ old: OpenName, to new: OpenName, exchanges: Bool, _ change: () throws(Errno) -> Void
    ) throws(Errno) {
        let filesystem = old.parent.filesystem
        guard !filesystem.opensHandles else {
            keepOpen(new)
            return exchanges ? try change() : try keepingDirectory(new, change)
        }
        try filesystem.renaming.withLock { _ throws(Errno) in
            let moved = known(at: old)
            let target = known(at: new)
            // Two names of one file: rename(2) does nothing.
            guard moved == nil || moved !== target else { return try change() }
            if exchanges {
                try change()
                target?.move(to: old.place)
            } else {
                try losing(target, new, change)
            }
            moved?.move(to: new.place)
        }
    }

    /// Carries out a change by which a node loses a name.
    private func losing(
        _ inode: Inode?, _ name: OpenName, _ change: () throws(Errno) -> Void
    ) throws(Errno) {
        guard let inode, case .named(let place)? = inode.currentPlace, place.isSame(name.parent, name.name),
            let path = try? budget.open({
                openat(name.directory, name.name, SourceFlags.pathOnly | SourceFlags.noFollow | O_CLOEXEC)
            })
        else { return try change() }
        inode.move(to: .pinned(DescriptorOwner(path)))
        do throws(Errno) {
            try change()
        } catch {
            inode.move(to: .named(place))
            throw error
        }
    }

    /// Carries out a change by which a directory may lose its name. Somebody may be in it, of which nobody is told, and its
    /// handle leads nowhere afterwards: it is reached by a descriptor until the kernel forgets it.
    ///
    /// Not so a file, whose blocks would be free only then.
    private func keepingDirectory(_ name: OpenName, _ change: () throws(Errno) -> Void) throws(Errno) {
        let found = try? budget.open {
            openat(name.directory, name.name, SourceFlags.pathOnly | SourceFlags.noFollow | O_DIRECTORY | O_CLOEXEC)
        }
        guard let directory = found.map({ DescriptorOwner($0) }), let inode = known(directory.descriptor) else {
            return try change()
        }
        // Before it is gone: a daemon that ends in between has handed the descriptor on.
        let before = inode.currentPlace
        inode.move(to: .pinned(directory))
        do throws(Errno) {
            try change()
        } catch {
            inode.move(to: before)
            throw error
        }
    }

    /// Keeps a file that is open and may lose its last name: its handle opens only while something has it open, and where
    /// files have no backing file in the kernel that may be nothing.
    private func keepOpen(_ name: OpenName) {
        guard budget.hadUnbackedOpens.withLock({ $0 }),
            let found = try? budget.open({
                openat(name.directory, name.name, SourceFlags.pathOnly | SourceFlags.noFollow | O_CLOEXEC)
            })
        else { return }
        let path = DescriptorOwner(found)
        if let inode = known(found) { OpenState.keep(inode, path) }
    }

    /// The inode kept by handle that `path` has open, where the kernel knows it.
    private func known(_ path: Int32) -> Inode? {
        var handle = folio_handle()
        guard let status = try? SourceStatus(path), let filesystem = known(status),
            folio_file_handle(path, &handle) == 0
        else { return nil }
        return InodeKey.with(&handle) { known($0, on: filesystem) }
    }

    /// The inode that has a name now, where the kernel knows it.
    private func known(at name: OpenName) -> Inode? {
        guard let status = try? SourceStatus(name.directory, name.name), let filesystem = known(status) else {
            return nil
        }
        return InodeKey.with(numberOf: status) { known($0, on: filesystem) }
    }
}
