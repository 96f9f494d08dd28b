import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_MKNOD, FUSE_MKDIR, FUSE_SYMLINK, FUSE_LINK, FUSE_CREATE, FUSE_TMPFILE: as the caller, so that ids, umask, default ACLs and
/// set-group-id directories come out as on the source.
extension FolioFilesystem {
    package func makeNode(_ request: MakeNodeRequest) throws(Errno) -> Entry {
        try make(request.name, in: request.parent, request.mode & S_IFMT, request.caller) { directory throws(Errno) in
            _ = try systemCall { mknodat(directory, request.name.pointer, request.mode, dev_t(request.device)) }
        }
    }

    package func makeDirectory(_ request: MakeDirectoryRequest) throws(Errno) -> Entry {
        try make(request.name, in: request.parent, S_IFDIR, request.caller) { directory throws(Errno) in
            _ = try systemCall { mkdirat(directory, request.name.pointer, request.mode) }
        }
    }

    package func makeSymbolicLink(_ request: SymbolicLinkRequest) throws(Errno) -> Entry {
        try make(request.name, in: request.parent, S_IFLNK, request.caller) { directory throws(Errno) in
            _ = try systemCall { symlinkat(request.target.pointer, directory, request.name.pointer) }
        }
    }

    package func link(_ request: LinkRequest) throws(Errno) -> Entry {
        let inode = table[request.node]
        let parent = table[request.newParent]
        try inode.withPath { path throws(Errno) in
            try parent.withDirectory { directory throws(Errno) in
                try once { _ throws(Errno) in
                    number(directory, request.newName.pointer) == inode.number
                } change: { () throws(Errno) in
                    try ProcessFiles.withPath(path) { name throws(Errno) in
                        _ = try systemCall {
                            linkat(AT_FDCWD, name, directory, request.newName.pointer, AT_SYMLINK_FOLLOW)
                        }
                    }
                }
            }
        }
        return try lookUp(request.newName, in: parent)
    }

    package func create(_ request: CreateRequest) throws(Errno) -> (entry: Entry, open: OpenReply) {
        guard !request.name.isDots else { throw .invalidArgument }
        let kept = request.flags & (O_ACCMODE | O_EXCL | O_TRUNC | O_SYNC | O_DSYNC)
        let always = SourceFlags.noFollow | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let parent = table[request.parent]
        let descriptor = try parent.withDirectory { directory throws(Errno) in
            let earlier = records == nil ? nil : Attempt.earlier
            func wasMade() -> Bool {
                earlier.map { self.wasMade(directory, request.name.pointer, S_IFREG, request.caller, since: $0) }
                    == true
            }
            if !wasMade() {
                if records != nil, earlier == nil { Attempt.intend() }
                do throws(Errno) {
                    return try identity.creating(request.caller) { () throws(Errno) in
                        try table.budget.open {
                            openat(directory, request.name.pointer, always | kept | O_CREAT, request.mode & 0o7777)
                        }
                    }
                } catch {
                    // A thread of the earlier daemon that the source held up may have come first.
                    guard error == .fileExists, wasMade() else { throw error }
                }
            }
            // As the server: who makes a file has it open whatever its mode says.
            return try table.budget.open {
                openat(directory, request.name.pointer, always | kept & ~(O_EXCL | O_TRUNC))
            }
        }
        if records != nil { Attempt.hasDone() }
        return try created(DescriptorOwner(descriptor), in: parent, request.name, flags: request.flags, request.caller)
    }

    package func createTemporary(
        _ request: TemporaryFileRequest
    ) throws(Errno) -> (entry: Entry, open: OpenReply) {
        let kept = request.flags & (O_ACCMODE | O_EXCL | O_SYNC | O_DSYNC)
        let parent = table[request.directory]
        let descriptor = try parent.withDirectory { directory throws(Errno) in
            try identity.creating(request.caller) { () throws(Errno) in
                try table.budget.open {
                    openat(directory, ".", kept | SourceFlags.temporary | O_NOCTTY | O_CLOEXEC, request.mode & 0o7777)
                }
            }
        }
        return try created(DescriptorOwner(descriptor), in: parent, nil, flags: request.flags, request.caller)
    }

    /// The answer to a creation that is open: of the same file, not of whatever has the name by now.
    private func created(
        _ file: DescriptorOwner, in parent: Inode, _ name: EntryName?, flags: Int32, _ caller: Caller
    ) throws(Errno) -> (entry: Entry, open: OpenReply) {
        let (inode, status) = try table.lookUp(
            file.descriptor, parent: name == nil ? nil : parent, name: name?.pointer, isUntold: true)
        do throws(Errno) {
            let open = try serve(inode, file.take(), status, flags: flags, isExecute: false, isNew: true, caller)
            return (entry(inode, status, in: parent, isOpenedEmpty: status.st_size == 0), open)
        } catch {
            table.forget(inode, count: 1)
            throw error
        }
    }

    private func make(
        _ name: EntryName, in parent: NodeID, _ type: mode_t, _ caller: Caller, _ body: (Int32) throws(Errno) -> Void
    ) throws(Errno) -> Entry {
        guard !name.isDots else { throw .invalidArgument }
        let parent = table[parent]
        try parent.withDirectory { directory throws(Errno) in
            try once { earlier throws(Errno) in
                wasMade(directory, name.pointer, type, caller, since: earlier)
            } change: { () throws(Errno) in
                try identity.creating(caller) { () throws(Errno) in try body(directory) }
            }
        }
        return try lookUp(name, in: parent)
    }
}
