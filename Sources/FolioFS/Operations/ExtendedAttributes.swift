import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
import Synchronization
package import SystemPackage

// getxattrat(2) and its kin (6.13) would spare the way through /proc, but refuse O_PATH descriptors with EBADF (measured, 6.18).

/// FUSE_SETXATTR, FUSE_GETXATTR, FUSE_LISTXATTR, FUSE_REMOVEXATTR: every namespace, POSIX ACLs included; `user.foliofs.` is the
/// mount's own (`ReportedAttribute`).
extension FolioFilesystem {
    package func setExtendedAttribute(
        _ request: SetExtendedAttributeRequest, _ value: UnsafeRawBufferPointer
    ) throws(Errno) {
        guard !ReportedAttribute.owns(request.name) else { throw .notPermitted }
        try changing(request.node) { path throws(Errno) in
            try ProcessFiles.withPath(path) { name throws(Errno) in
                try once(
                    unlessSo: {
                        Self.has(name, request.name.pointer, value)
                    },
                    change: { () throws(Errno) in
                        _ = try systemCall {
                            setxattr(name, request.name.pointer, value.baseAddress, value.count, request.flags)
                        }
                    })
            }
            guard request.clearsSetGroupID else { return }
            var status = stat()
            _ = try systemCall { fstatat(path, "", &status, SourceFlags.emptyPath) }
            guard status.st_mode & S_ISGID != 0 else { return }
            try changeMode(path, status.st_mode & ~S_ISGID)
        }
    }

    package func getExtendedAttribute(
        _ request: ExtendedAttributeRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int {
        let inode = table[request.node]
        if ReportedAttribute.owns(request.name) {
            let text = try reported(ReportedAttribute(request.name), of: inode)
            return try Self.fill(buffer, with: text.utf8.map { CChar(bitPattern: $0) })
        }
        guard !AnswerQuestion.isAsked(by: request.name) else { throw .noData }
        // Access control lists are kept; that there are no file capabilities is as good as attributes are.
        if strcmp(request.name.pointer, "security.capability") != 0 {
            inode.isUntold.store(false, ordering: .sequentiallyConsistent)
        }
        // The kernel asks for security.capability before a file's first write: it is open.
        if let file = OpenState.openFile(inode), case let (descriptor, pin)? = try? file.use() {
            defer { if let pin { file.endUse(pin) } }
            return try systemCall { fgetxattr(descriptor, request.name.pointer, buffer.baseAddress, buffer.count) }
        }
        return try inode.withPath { path throws(Errno) in
            try ProcessFiles.withPath(path) { name throws(Errno) in
                try systemCall { getxattr(name, request.name.pointer, buffer.baseAddress, buffer.count) }
            }
        }
    }

    package func listExtendedAttributes(
        _ request: ListExtendedAttributesRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int {
        let inode = table[request.node]
        return try inode.withPath { path throws(Errno) in
            try ProcessFiles.withPath(path) { link throws(Errno) in
                var names = [CChar](repeating: 0, count: 1024)
                var count = listxattr(link, &names, names.count)
                if count < 0, errno == ERANGE {
                    // XATTR_LIST_MAX.
                    names = [CChar](repeating: 0, count: 1 << 16)
                    count = listxattr(link, &names, names.count)
                }
                guard count >= 0 else { throw Errno(rawValue: errno) }
                // btrfs tells them to everybody (measured, 6.18).
                let tellsAll = inode.filesystem.magic == 0x9123_683E
                let shown = tellsAll ? Array(names[..<count]) : Self.shown(names[..<count], to: request.caller)
                return try Self.fill(buffer, with: ReportedAttribute.without(shown))
            }
        }
    }

    /// Who has no CAP_SYS_ADMIN is not told of names in the trusted namespace (xattr(7)).
    private static func shown(_ names: ArraySlice<CChar>, to caller: Caller) -> [CChar] {
        let hidden = Array("trusted.".utf8CString.dropLast())
        let all = names.split(separator: 0)
        guard all.contains(where: { $0.starts(with: hidden) }), caller.user != 0 || !caller.mayAdminister else {
            return Array(names)
        }
        return all.filter { !$0.starts(with: hidden) }.flatMap { $0 + [0] }
    }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer, with names: [CChar]) throws(Errno) -> Int {
        guard !buffer.isEmpty else { return names.count }
        guard names.count <= buffer.count else { throw .outOfRange }
        names.withUnsafeBytes { buffer.copyMemory(from: $0) }
        return names.count
    }

    package func removeExtendedAttribute(_ request: ExtendedAttributeRequest) throws(Errno) {
        guard !ReportedAttribute.owns(request.name) else { throw .notPermitted }
        try changing(request.node) { path throws(Errno) in
            try ProcessFiles.withPath(path) { name throws(Errno) in
                try once(
                    unlessSo: {
                        getxattr(name, request.name.pointer, nil, 0) < 0 && errno == ENODATA
                    },
                    change: { () throws(Errno) in
                        _ = try systemCall { removexattr(name, request.name.pointer) }
                    })
            }
        }
        guard request.caller.user == 0, strcmp(request.name.pointer, "security.capability") == 0 else { return }
        capabilityRemovals.withLock { removals in
            if removals.count >= 64 { removals.removeAll() }
            removals[request.caller.process] = request.node
        }
    }

    /// Whether a file has an attribute of that value.
    private static func has(
        _ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ value: UnsafeRawBufferPointer
    ) -> Bool {
        var there = [UInt8](repeating: 0, count: value.count + 1)
        return getxattr(path, name, &there, there.count) == value.count && there.dropLast().elementsEqual(value)
    }

    private func changing(_ node: NodeID, _ body: (Int32) throws(Errno) -> Void) throws(Errno) {
        let inode = table[node]
        try changingSource(inode, content: false) { () throws(Errno) in try inode.withPath(body) }
    }
}
