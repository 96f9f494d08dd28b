import CFuse3
import Glibc
import SystemPackage

/// libfuse's table of operations: each unpacks a request, calls the filesystem and answers once.
///
/// Built by a free function: closures of `@main`'s type would be bound to the main actor and die on libfuse's threads.
func operations() -> fuse_lowlevel_ops {
    var table = fuse_lowlevel_ops()
    addLife(&table)
    addNames(&table)
    addAttributes(&table)
    addFiles(&table)
    addDirectories(&table)
    addExtendedAttributes(&table)
    addLocks(&table)
    addRanges(&table)
    return table
}

/// Calls `body` with the filesystem of a request.
@inline(__always)
private func withFilesystem(_ request: OpaquePointer?, _ body: (any Filesystem) -> Void) {
    guard let context = fuse_req_userdata(request) else {
        fuse_reply_err(request, EIO)
        return
    }
    Unmanaged<SessionContext>.fromOpaque(context)._withUnsafeGuaranteedRef { body($0.filesystem) }
}

/// Calls the filesystem and answers once: by `send` with what `body` returned, or by the errno it threw.
@inline(__always)
private func answer<Value>(
    _ request: OpaquePointer?, _ body: (any Filesystem) throws(Errno) -> Value,
    _ send: (any Filesystem, consuming Reply, Value) -> Void
) {
    withFilesystem(request) { filesystem in
        let reply = Reply(request)
        let value: Value
        do throws(Errno) {
            value = try body(filesystem)
        } catch {
            return reply.fail(error)
        }
        send(filesystem, reply, value)
    }
}

@inline(__always)
private func answer(_ request: OpaquePointer?, _ body: (any Filesystem) throws(Errno) -> Void) {
    answer(request, body) { _, reply, _ in reply.done() }
}

@inline(__always)
private func answerEntry(_ request: OpaquePointer?, _ body: (any Filesystem) throws(Errno) -> Entry) {
    answer(request, body) { filesystem, reply, entry in
        if !reply.entry(entry), let node = entry.node { filesystem.forget(node, count: 1) }
    }
}

@inline(__always)
private func answerAttributes(_ request: OpaquePointer?, _ body: (any Filesystem) throws(Errno) -> Attributes) {
    answer(request, body) { _, reply, attributes in reply.attributes(attributes) }
}

/// Answers an open; `release` takes it back where the caller was gone.
@inline(__always)
private func answerOpen(
    _ request: OpaquePointer?, _ number: fuse_ino_t, _ info: UnsafeMutablePointer<fuse_file_info>?,
    _ body: (any Filesystem, OpenRequest) throws(Errno) -> OpenReply,
    release: (any Filesystem, ReleaseRequest) -> Void
) {
    let flags = info?.pointee.flags ?? 0
    answer(request) { filesystem throws(Errno) in
        try body(
            filesystem,
            OpenRequest(
                node: node(number), flags: flags, killsPrivileges: killsAtOpen(folio_fuse_open_in.self, \.open_flags),
                caller: Caller(request)))
    } _: { filesystem, reply, open in
        guard !reply.opened(open) else { return }
        release(filesystem, ReleaseRequest(node: node(number), handle: open.handle, flags: flags, lockOwner: nil))
    }
}

/// Answers with up to `capacity` bytes that `body` fills in.
@inline(__always)
private func answerData(
    _ request: OpaquePointer?, capacity: Int,
    _ body: (any Filesystem, UnsafeMutableRawBufferPointer) throws(Errno) -> Int
) {
    answer(request) { filesystem throws(Errno) in
        guard let buffer = ThreadBuffer.bytes(capacity) else { throw .noMemory }
        let count = try body(filesystem, buffer)
        return UnsafeRawBufferPointer(rebasing: buffer[..<min(count, capacity)])
    } _: { _, reply, data in
        reply.data(data)
    }
}

private func node(_ number: fuse_ino_t) -> NodeID { NodeID(rawValue: UInt64(number)) }

private func handle(_ info: UnsafeMutablePointer<fuse_file_info>?) -> HandleID {
    HandleID(rawValue: info?.pointee.fh ?? 0)
}

private func name(_ pointer: UnsafePointer<CChar>?) -> EntryName { EntryName(pointer ?? emptyName) }

nonisolated(unsafe) private let emptyName: UnsafePointer<CChar> = {
    let memory = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    memory.initialize(to: 0)
    return UnsafePointer(memory)
}()

private func addLife(_ table: inout fuse_lowlevel_ops) {
    table.`init` = { context, connection in
        guard let context, let connection else { return }
        Unmanaged<SessionContext>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.negotiate(connection) }
    }
    table.destroy = { context in
        guard let context else { return }
        Unmanaged<SessionContext>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.filesystem.destroy() }
    }
}

private func addNames(_ table: inout fuse_lowlevel_ops) {
    table.lookup = { request, parent, entry in
        answerEntry(request) { filesystem throws(Errno) in
            try filesystem.lookup(LookupRequest(parent: node(parent), name: name(entry)))
        }
    }
    table.forget = { request, number, count in
        withFilesystem(request) { $0.forget(node(number), count: count) }
        Reply(request).none()
    }
    table.forget_multi = { request, count, forgets in
        withFilesystem(request) { filesystem in
            for one in UnsafeBufferPointer(start: forgets, count: count) {
                filesystem.forget(node(one.ino), count: one.nlookup)
            }
        }
        Reply(request).none()
    }
    table.mknod = { request, parent, entry, mode, device in
        answerEntry(request) { filesystem throws(Errno) in
            try filesystem.makeNode(
                MakeNodeRequest(
                    parent: node(parent), name: name(entry), mode: mode, device: UInt64(device),
                    caller: Caller(request)))
        }
    }
    table.mkdir = { request, parent, entry, mode in
        answerEntry(request) { filesystem throws(Errno) in
            try filesystem.makeDirectory(
                MakeDirectoryRequest(parent: node(parent), name: name(entry), mode: mode, caller: Caller(request)))
        }
    }
    table.unlink = { request, parent, entry in
        answer(request) { filesystem throws(Errno) in
            try filesystem.unlink(RemoveRequest(parent: node(parent), name: name(entry), caller: Caller(request)))
        }
    }
    table.rmdir = { request, parent, entry in
        answer(request) { filesystem throws(Errno) in
            try filesystem.removeDirectory(
                RemoveRequest(parent: node(parent), name: name(entry), caller: Caller(request)))
        }
    }
    table.symlink = { request, target, parent, entry in
        answerEntry(request) { filesystem throws(Errno) in
            try filesystem.makeSymbolicLink(
                SymbolicLinkRequest(
                    target: name(target), parent: node(parent), name: name(entry), caller: Caller(request)))
        }
    }
    table.rename = { request, parent, entry, newParent, newEntry, flags in
        answer(request) { filesystem throws(Errno) in
            try filesystem.rename(
                RenameRequest(
                    parent: node(parent), name: name(entry), newParent: node(newParent), newName: name(newEntry),
                    flags: flags, caller: Caller(request)))
        }
    }
    table.link = { request, number, newParent, newEntry in
        answerEntry(request) { filesystem throws(Errno) in
            try filesystem.link(
                LinkRequest(
                    node: node(number), newParent: node(newParent), newName: name(newEntry), caller: Caller(request)))
        }
    }
}

private func addAttributes(_ table: inout fuse_lowlevel_ops) {
    table.getattr = { request, number, _ in
        answerAttributes(request) { filesystem throws(Errno) in
            try filesystem.getAttributes(GetAttributesRequest(node: node(number)))
        }
    }
    table.setattr = { request, number, values, which, info in
        answerAttributes(request) { filesystem throws(Errno) in
            guard let values else { throw .invalidArgument }
            return try filesystem.setAttributes(
                SetAttributesRequest(
                    node: node(number), values: Attributes(values.pointee, timeout: 0),
                    which: SettableAttributes(rawValue: which),
                    handle: info.map { HandleID(rawValue: $0.pointee.fh) }, caller: Caller(request)))
        }
    }
    table.readlink = { request, number in
        answer(request) { filesystem throws(Errno) in
            try filesystem.readLink(ReadLinkRequest(node: node(number)))
        } _: { _, reply, target in
            reply.link(target)
        }
    }
    table.access = { request, number, mask in
        answer(request) { filesystem throws(Errno) in
            try filesystem.access(AccessRequest(node: node(number), mask: mask, caller: Caller(request)))
        }
    }
    table.statfs = { request, number in
        answer(request) { filesystem throws(Errno) in
            try filesystem.statistics(StatisticsRequest(node: node(number)))
        } _: { _, reply, statistics in
            reply.statistics(statistics)
        }
    }
}

/// Whether a request that may truncate says that set-id bits go; libfuse 3.14 does not hand its flags on.
private func killsAtOpen<Body>(_ type: Body.Type, _ flags: KeyPath<Body, UInt32>) -> Bool {
    guard let body = CurrentRequest.raw?.structure(type) else { return false }
    return body[keyPath: flags] & UInt32(FOLIO_FUSE_OPEN_KILL_SUIDGID) != 0
}

/// The same of a write.
private func killsAtWrite() -> Bool {
    guard let body = CurrentRequest.raw?.structure(folio_fuse_write_in.self) else { return false }
    return body.write_flags & UInt32(FOLIO_FUSE_WRITE_KILL_SUIDGID) != 0
}

private func addFiles(_ table: inout fuse_lowlevel_ops) {
    table.open = { request, number, info in
        answerOpen(request, number, info) { filesystem, asked throws(Errno) in
            try filesystem.open(asked)
        } release: { filesystem, given in
            filesystem.release(given)
        }
    }
    table.create = { request, parent, entry, mode, info in
        let flags = info?.pointee.flags ?? 0
        answer(request) { filesystem throws(Errno) in
            try filesystem.create(
                CreateRequest(
                    parent: node(parent), name: name(entry), mode: mode, flags: flags,
                    killsPrivileges: killsAtOpen(folio_fuse_create_in.self, \.open_flags), caller: Caller(request)))
        } _: { filesystem, reply, made in
            guard !reply.created(made.entry, made.open), let node = made.entry.node else { return }
            filesystem.release(ReleaseRequest(node: node, handle: made.open.handle, flags: flags, lockOwner: nil))
            filesystem.forget(node, count: 1)
        }
    }
    table.read = { request, number, size, offset, info in
        answerData(request, capacity: size) { filesystem, buffer throws(Errno) in
            try filesystem.read(
                ReadRequest(
                    node: node(number), handle: handle(info), offset: Int64(offset), flags: info?.pointee.flags ?? 0),
                into: buffer)
        }
    }
    table.write = { request, number, data, size, offset, info in
        answer(request) { filesystem throws(Errno) in
            try filesystem.write(
                WriteRequest(
                    node: node(number), handle: handle(info), offset: Int64(offset),
                    flags: info?.pointee.flags ?? 0, fromPageCache: info?.pointee.writepage == 1,
                    killsPrivileges: killsAtWrite(), caller: Caller(request)),
                UnsafeRawBufferPointer(start: data, count: size))
        } _: { _, reply, count in
            reply.written(count)
        }
    }
    table.flush = { request, number, info in
        answer(request) { filesystem throws(Errno) in
            try filesystem.flush(
                FlushRequest(node: node(number), handle: handle(info), lockOwner: info?.pointee.lock_owner ?? 0))
        }
    }
    table.release = { request, number, info in
        answer(request) { filesystem throws(Errno) in
            filesystem.release(releaseRequest(number, info))
        }
    }
    table.fsync = { request, number, dataOnly, info in
        answer(request) { filesystem throws(Errno) in
            try filesystem.synchronize(
                SynchronizeRequest(node: node(number), handle: handle(info), dataOnly: dataOnly != 0))
        }
    }
}

private func releaseRequest(_ number: fuse_ino_t, _ info: UnsafeMutablePointer<fuse_file_info>?) -> ReleaseRequest {
    let owner = info.flatMap { $0.pointee.flock_release == 1 ? $0.pointee.lock_owner : nil }
    return ReleaseRequest(
        node: node(number), handle: handle(info), flags: info?.pointee.flags ?? 0, lockOwner: owner)
}

private func addDirectories(_ table: inout fuse_lowlevel_ops) {
    table.opendir = { request, number, info in
        answerOpen(request, number, info) { filesystem, asked throws(Errno) in
            try filesystem.openDirectory(asked)
        } release: { filesystem, given in
            filesystem.releaseDirectory(given)
        }
    }
    table.readdir = { request, number, size, offset, info in
        answerDirectory(request, number, size, offset, info) { filesystem, asked, buffer throws(Errno) in
            try filesystem.readDirectory(asked, into: &buffer)
        }
    }
    table.readdirplus = { request, number, size, offset, info in
        answerDirectory(request, number, size, offset, info) { filesystem, asked, buffer throws(Errno) in
            try filesystem.readDirectoryPlus(asked, into: &buffer)
        }
    }
    table.releasedir = { request, number, info in
        answer(request) { filesystem throws(Errno) in
            filesystem.releaseDirectory(releaseRequest(number, info))
        }
    }
    table.fsyncdir = { request, number, dataOnly, info in
        answer(request) { filesystem throws(Errno) in
            try filesystem.synchronizeDirectory(
                SynchronizeRequest(node: node(number), handle: handle(info), dataOnly: dataOnly != 0))
        }
    }
}

private func answerDirectory(
    _ request: OpaquePointer?, _ number: fuse_ino_t, _ size: Int, _ offset: off_t,
    _ info: UnsafeMutablePointer<fuse_file_info>?,
    _ body: (any Filesystem, ReadDirectoryRequest, inout DirectoryBuffer) throws(Errno) -> Void
) {
    withFilesystem(request) { filesystem in
        let reply = Reply(request)
        guard let storage = ThreadBuffer.bytes(size) else { return reply.fail(.noMemory) }
        var buffer = DirectoryBuffer(request: request, storage: storage)
        let asked = ReadDirectoryRequest(node: node(number), handle: handle(info), offset: Int64(offset))
        do throws(Errno) {
            try body(filesystem, asked, &buffer)
            reply.data(buffer.filled)
        } catch {
            // What was added before has been looked up: it is sent, and the error comes with the next read.
            if buffer.used > 0 { reply.data(buffer.filled) } else { reply.fail(error) }
        }
    }
}

private func addExtendedAttributes(_ table: inout fuse_lowlevel_ops) {
    table.setxattr = { request, number, attribute, value, size, flags in
        answer(request) { filesystem throws(Errno) in
            try filesystem.setExtendedAttribute(
                SetExtendedAttributeRequest(
                    node: node(number), name: name(attribute), flags: flags, clearsSetGroupID: false,
                    caller: Caller(request)),
                UnsafeRawBufferPointer(start: value, count: size))
        }
    }
    table.getxattr = { request, number, attribute, size in
        answerSized(request, size) { filesystem, buffer throws(Errno) in
            try filesystem.getExtendedAttribute(
                ExtendedAttributeRequest(node: node(number), name: name(attribute), caller: Caller(request)),
                into: buffer)
        }
    }
    table.listxattr = { request, number, size in
        answerSized(request, size) { filesystem, buffer throws(Errno) in
            try filesystem.listExtendedAttributes(
                ListExtendedAttributesRequest(node: node(number), caller: Caller(request)), into: buffer)
        }
    }
    table.removexattr = { request, number, attribute in
        answer(request) { filesystem throws(Errno) in
            try filesystem.removeExtendedAttribute(
                ExtendedAttributeRequest(node: node(number), name: name(attribute), caller: Caller(request)))
        }
    }
}

/// Answers with data, or with its size alone where the caller gave no room.
private func answerSized(
    _ request: OpaquePointer?, _ size: Int,
    _ body: (any Filesystem, UnsafeMutableRawBufferPointer) throws(Errno) -> Int
) {
    guard size == 0 else { return answerData(request, capacity: size, body) }
    answer(request) { filesystem throws(Errno) in
        try body(filesystem, UnsafeMutableRawBufferPointer(start: nil, count: 0))
    } _: { _, reply, count in
        reply.size(count)
    }
}

private func addLocks(_ table: inout fuse_lowlevel_ops) {
    table.getlk = { request, number, info, lock in
        answer(request) { filesystem throws(Errno) in
            guard let lock else { throw .invalidArgument }
            let asked = Lock(lock.pointee)
            let found = try filesystem.getLock(
                GetLockRequest(
                    node: node(number), handle: handle(info), owner: info?.pointee.lock_owner ?? 0, lock: asked))
            return found ?? Lock(type: Int16(F_UNLCK), start: asked.start, length: asked.length, process: 0)
        } _: { _, reply, lock in
            reply.lock(lock)
        }
    }
    table.setlk = { request, number, info, lock, waits in
        withFilesystem(request) { filesystem in
            let reply = Reply(request, interruptible: true)
            guard let lock else { return reply.fail(.invalidArgument) }
            filesystem.setLock(
                SetLockRequest(
                    node: node(number), handle: handle(info), owner: info?.pointee.lock_owner ?? 0,
                    lock: Lock(lock.pointee), waits: waits != 0, interruption: Interruption(request)), reply)
        }
    }
    table.flock = { request, number, info, operation in
        withFilesystem(request) { filesystem in
            filesystem.setFileLock(
                FileLockRequest(
                    node: node(number), handle: handle(info), operation: operation,
                    owner: info?.pointee.lock_owner ?? 0, interruption: Interruption(request)),
                Reply(request, interruptible: true))
        }
    }
}

private func addRanges(_ table: inout fuse_lowlevel_ops) {
    table.fallocate = { request, number, mode, offset, length, info in
        answer(request) { filesystem throws(Errno) in
            try filesystem.allocate(
                AllocateRequest(
                    node: node(number), handle: handle(info), mode: mode, offset: Int64(offset),
                    length: Int64(length)))
        }
    }
    table.copy_file_range = { request, source, from, sourceInfo, target, to, targetInfo, length, flags in
        answer(request) { filesystem throws(Errno) in
            try filesystem.copyRange(
                CopyRangeRequest(
                    input: (node(source), handle(sourceInfo), Int64(from)),
                    output: (node(target), handle(targetInfo), Int64(to)), length: length, flags: flags))
        } _: { _, reply, count in
            reply.written(count)
        }
    }
    table.lseek = { request, number, offset, whence, info in
        answer(request) { filesystem throws(Errno) in
            try filesystem.seek(
                SeekRequest(node: node(number), handle: handle(info), offset: Int64(offset), whence: whence))
        } _: { _, reply, found in
            reply.offset(found)
        }
    }
    table.ioctl = { request, number, command, _, info, _, input, inputSize, outputSize in
        answer(request) { filesystem throws(Errno) in
            guard let output = ThreadBuffer.bytes(max(outputSize, 1)) else { throw .noMemory }
            let answered = try filesystem.control(
                ControlRequest(
                    node: node(number), handle: handle(info), command: command,
                    input: UnsafeRawBufferPointer(start: input, count: inputSize), outputSize: outputSize,
                    caller: Caller(request)),
                into: UnsafeMutableRawBufferPointer(rebasing: output[..<outputSize]))
            let data = UnsafeRawBufferPointer(rebasing: output[..<min(answered.count, outputSize)])
            return (result: answered.result, data: data)
        } _: { _, reply, answered in
            reply.control(answered.result, answered.data)
        }
    }
}
