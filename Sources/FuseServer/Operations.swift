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

@inline(__always)
private func answer(
    _ request: OpaquePointer?, _ body: (any Filesystem) throws(Errno) -> Void
) {
    withFilesystem(request) { filesystem in
        let reply = Reply(request)
        do throws(Errno) {
            try body(filesystem)
            reply.done()
        } catch {
            reply.fail(error)
        }
    }
}

@inline(__always)
private func answerEntry(
    _ request: OpaquePointer?, _ body: (any Filesystem) throws(Errno) -> Entry
) {
    withFilesystem(request) { filesystem in
        let reply = Reply(request)
        do throws(Errno) {
            let entry = try body(filesystem)
            if !reply.entry(entry), let node = entry.node { filesystem.forget(node, count: 1) }
        } catch {
            reply.fail(error)
        }
    }
}

@inline(__always)
private func answerAttributes(
    _ request: OpaquePointer?, _ body: (any Filesystem) throws(Errno) -> Attributes
) {
    withFilesystem(request) { filesystem in
        let reply = Reply(request)
        do throws(Errno) {
            let attributes = try body(filesystem)
            reply.attributes(attributes)
        } catch {
            reply.fail(error)
        }
    }
}

/// Answers with up to `capacity` bytes that `body` fills in.
@inline(__always)
private func answerData(
    _ request: OpaquePointer?, capacity: Int,
    _ body: (any Filesystem, UnsafeMutableRawBufferPointer) throws(Errno) -> Int
) {
    withFilesystem(request) { filesystem in
        let reply = Reply(request)
        guard let buffer = ThreadBuffer.bytes(capacity) else { return reply.fail(.noMemory) }
        do throws(Errno) {
            let count = try body(filesystem, buffer)
            reply.data(UnsafeRawBufferPointer(rebasing: buffer[..<min(count, capacity)]))
        } catch {
            reply.fail(error)
        }
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
        withFilesystem(request) { filesystem in
            let reply = Reply(request)
            do throws(Errno) {
                let target = try filesystem.readLink(ReadLinkRequest(node: node(number)))
                reply.link(target)
            } catch {
                reply.fail(error)
            }
        }
    }
    table.access = { request, number, mask in
        answer(request) { filesystem throws(Errno) in
            try filesystem.access(AccessRequest(node: node(number), mask: mask, caller: Caller(request)))
        }
    }
    table.statfs = { request, number in
        withFilesystem(request) { filesystem in
            let reply = Reply(request)
            do throws(Errno) {
                let statistics = try filesystem.statistics(StatisticsRequest(node: node(number)))
                reply.statistics(statistics)
            } catch {
                reply.fail(error)
            }
        }
    }
}

private func addFiles(_ table: inout fuse_lowlevel_ops) {
    table.open = { request, number, info in
        withFilesystem(request) { filesystem in
            let reply = Reply(request)
            let flags = info?.pointee.flags ?? 0
            do throws(Errno) {
                let open = try filesystem.open(
                    OpenRequest(node: node(number), flags: flags, caller: Caller(request)))
                if !reply.opened(open) {
                    filesystem.release(
                        ReleaseRequest(node: node(number), handle: open.handle, flags: flags, lockOwner: nil))
                }
            } catch {
                reply.fail(error)
            }
        }
    }
    table.create = { request, parent, entry, mode, info in
        withFilesystem(request) { filesystem in
            let reply = Reply(request)
            let flags = info?.pointee.flags ?? 0
            do throws(Errno) {
                let made = try filesystem.create(
                    CreateRequest(
                        parent: node(parent), name: name(entry), mode: mode, flags: flags, caller: Caller(request)))
                if !reply.created(made.entry, made.open), let node = made.entry.node {
                    filesystem.release(
                        ReleaseRequest(node: node, handle: made.open.handle, flags: flags, lockOwner: nil))
                    filesystem.forget(node, count: 1)
                }
            } catch {
                reply.fail(error)
            }
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
        withFilesystem(request) { filesystem in
            let reply = Reply(request)
            do throws(Errno) {
                let count = try filesystem.write(
                    WriteRequest(
                        node: node(number), handle: handle(info), offset: Int64(offset),
                        flags: info?.pointee.flags ?? 0, fromPageCache: info?.pointee.writepage == 1,
                        caller: Caller(request)),
                    UnsafeRawBufferPointer(start: data, count: size))
                reply.written(count)
            } catch {
                reply.fail(error)
            }
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
        withFilesystem(request) { filesystem in
            let reply = Reply(request)
            let flags = info?.pointee.flags ?? 0
            do throws(Errno) {
                let open = try filesystem.openDirectory(
                    OpenRequest(node: node(number), flags: flags, caller: Caller(request)))
                if !reply.opened(open) {
                    filesystem.releaseDirectory(
                        ReleaseRequest(node: node(number), handle: open.handle, flags: flags, lockOwner: nil))
                }
            } catch {
                reply.fail(error)
            }
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
                    node: node(number), name: name(attribute), flags: flags, caller: Caller(request)),
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
            try filesystem.listExtendedAttributes(ListExtendedAttributesRequest(node: node(number)), into: buffer)
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
    withFilesystem(request) { filesystem in
        let reply = Reply(request)
        do throws(Errno) {
            let room = UnsafeMutableRawBufferPointer(start: nil, count: 0)
            guard let buffer = size == 0 ? room : ThreadBuffer.bytes(size) else { throw .noMemory }
            let count = try body(filesystem, buffer)
            if size == 0 {
                reply.size(count)
            } else {
                reply.data(UnsafeRawBufferPointer(rebasing: buffer[..<min(count, size)]))
            }
        } catch {
            reply.fail(error)
        }
    }
}

private func addLocks(_ table: inout fuse_lowlevel_ops) {
    table.getlk = { request, number, info, lock in
        withFilesystem(request) { filesystem in
            let reply = Reply(request)
            guard let lock else { return reply.fail(.invalidArgument) }
            let asked = Lock(lock.pointee)
            do throws(Errno) {
                let found = try filesystem.getLock(
                    GetLockRequest(
                        node: node(number), handle: handle(info), owner: info?.pointee.lock_owner ?? 0, lock: asked))
                reply.lock(found ?? Lock(type: Int16(F_UNLCK), start: asked.start, length: asked.length, process: 0))
            } catch {
                reply.fail(error)
            }
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
        withFilesystem(request) { filesystem in
            let reply = Reply(request)
            do throws(Errno) {
                let count = try filesystem.copyRange(
                    CopyRangeRequest(
                        input: (node(source), handle(sourceInfo), Int64(from)),
                        output: (node(target), handle(targetInfo), Int64(to)), length: length, flags: flags))
                reply.written(count)
            } catch {
                reply.fail(error)
            }
        }
    }
    table.lseek = { request, number, offset, whence, info in
        withFilesystem(request) { filesystem in
            let reply = Reply(request)
            do throws(Errno) {
                let found = try filesystem.seek(
                    SeekRequest(node: node(number), handle: handle(info), offset: Int64(offset), whence: whence))
                reply.offset(found)
            } catch {
                reply.fail(error)
            }
        }
    }
    table.ioctl = { request, number, command, _, info, _, input, inputSize, outputSize in
        withFilesystem(request) { filesystem in
            let reply = Reply(request)
            guard let output = ThreadBuffer.bytes(max(outputSize, 1)) else { return reply.fail(.noMemory) }
            do throws(Errno) {
                let answered = try filesystem.control(
                    ControlRequest(
                        node: node(number), handle: handle(info), command: command,
                        input: UnsafeRawBufferPointer(start: input, count: inputSize), outputSize: outputSize,
                        caller: Caller(request)),
                    into: UnsafeMutableRawBufferPointer(rebasing: output[..<outputSize]))
                reply.control(
                    answered.result,
                    UnsafeRawBufferPointer(rebasing: output[..<min(answered.count, outputSize)]))
            } catch {
                reply.fail(error)
            }
        }
    }
}
