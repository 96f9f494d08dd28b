import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// From an inode to the source's node.
extension Inode {
    /// Calls `body` with a descriptor, open as long as `body` runs: O_PATH, or what the file is open by already.
    ///
    /// - Throws: ESTALE where the node is gone or, kept by name, is no longer where it was.
    @inline(__always)
    func withPath<Value>(_ body: (Int32) throws(Errno) -> Value) throws(Errno) -> Value {
        if type != S_IFDIR, let file = OpenState.openFile(self), case let (descriptor, pin)? = try? file.use() {
            defer { if let pin { file.endUse(pin) } }
            return try body(descriptor)
        }
        return try withPathOnly(body)
    }

    /// Calls `body` with an O_PATH descriptor, open as long as `body` runs.
    ///
    /// - Throws: as `withPath`.
    @inline(__always)
    private func withPathOnly<Value>(_ body: (Int32) throws(Errno) -> Value) throws(Errno) -> Value {
        // Directories are used again and again, and open files cost their blocks nothing; anything else is let go at once.
        if type == S_IFDIR || OpenState.isOpen(self) { return try filesystem.budget.paths.with(self, body) }
        let descriptor = try openDescriptor()
        defer { close(descriptor) }
        return try body(descriptor)
    }

    /// Calls `body` with an O_PATH descriptor of a directory in which names are made, removed or changed.
    ///
    /// - Throws: EXDEV where the source ends at it.
    @inline(__always)
    func withDirectory<Value>(_ body: (Int32) throws(Errno) -> Value) throws(Errno) -> Value {
        guard !filesystem.isBoundary else { throw .improperLink }
        return try withPath(body)
    }

    /// statx(2).
    func status() throws(Errno) -> stat {
        try withPath { path throws(Errno) in try SourceStatus(path).status }
    }

    /// Opens the source's node for real: `flags` as for open(2), close-on-exec.
    func open(_ flags: Int32) throws(Errno) -> Int32 {
        do throws(Errno) {
            return try openOnce(flags)
        } catch {
            // Somebody has a lease on it: another thread here that asks whether it is open for writing (`OpenForWrite`), for a
            // moment, or a program, for whose answer open(2) waits. O_NONBLOCK is ours, and of use for FIFOs and devices.
            guard error == .resourceTemporarilyUnavailable, type == S_IFREG, flags & O_NONBLOCK != 0 else {
                throw error
            }
            return try openOnce(flags & ~O_NONBLOCK)
        }
    }

    private func openOnce(_ flags: Int32) throws(Errno) -> Int32 {
        let flags = flags | O_CLOEXEC | O_NOCTTY
        if isKeptByHandle {
            do throws(Errno) {
                return try openHandle(flags)
            } catch {
                guard error == .staleNFSFileHandle, currentPlace != nil else { throw error }
            }
        }
        // Not by what is open: that may be what is to be opened again.
        return try withPathOnly { path throws(Errno) in
            try ProcessFiles.withPath(path) { name throws(Errno) in
                try filesystem.budget.open { Glibc.open(name, flags) }
            }
        }
    }

    /// Opens it by its file handle.
    func openHandle(_ flags: Int32) throws(Errno) -> Int32 {
        var handle = folio_handle()
        withKey { key in
            handle.type = key.type
            handle.size = UInt32(key.bytes.count)
            withUnsafeMutableBytes(of: &handle.bytes) { $0.copyMemory(from: key.bytes) }
        }
        let mount = filesystem.descriptor
        return try filesystem.budget.open { folio_open_handle(mount, &handle, flags) }
    }
}

extension Inode {
    /// Where it is, if kept by name or a directory that was removed.
    var currentPlace: NodePlace? { filesystem.places.withLock { _ in place } }

    /// Opens an O_PATH descriptor by name, which the caller then owns.
    ///
    /// - Throws: ESTALE where another node has the name.
    func openByName() throws(Errno) -> Int32 {
        while true {
            let place = currentPlace
            switch place {
            case .pinned(let owner):
                return try filesystem.budget.open { fcntl(owner.descriptor, F_DUPFD_CLOEXEC, 0) }
            case .named(let name):
                do throws(Errno) {
                    return try name.parent.withPath { directory throws(Errno) in try open(name, in: directory) }
                } catch {
                    guard error == .noSuchFileOrDirectory || error == .staleNFSFileHandle else { throw error }
                    // A rename through the mount may be underway: when it is done, the place is another.
                    filesystem.renaming.withLock { _ in }
                    if case .named(let now)? = currentPlace, now === name { throw .staleNFSFileHandle }
                }
            case nil: throw .staleNFSFileHandle
            }
        }
    }

    private func open(_ name: NodeName, in directory: Int32) throws(Errno) -> Int32 {
        let descriptor = try filesystem.budget.open {
            openat(directory, name.pointer, SourceFlags.pathOnly | SourceFlags.noFollow | O_CLOEXEC)
        }
        let owner = DescriptorOwner(descriptor)
        let status = try SourceStatus(descriptor)
        guard status.status.st_mode & S_IFMT == type, filesystem.keepsNumber(number, type, status) else {
            throw .staleNFSFileHandle
        }
        return owner.take()
    }
}
