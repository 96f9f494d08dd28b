import CFuse3
import Glibc
import SystemPackage

/// The operations of the kernel's protocol that libfuse 3.14 does not know, or of which it does not read all.
final class RawOperations: Sendable {
    private let context: SessionContext
    private let device: Int32

    init(_ context: SessionContext, device: Int32) {
        self.context = context
        self.device = device
    }

    /// - Returns: false where the request is libfuse's to answer; then it has not been answered.
    @inline(__always)
    func answer(_ request: RawRequest) -> Bool {
        switch Int(request.header.opcode) {
        case FOLIO_FUSE_TMPFILE: createTemporary(request)
        case FOLIO_FUSE_SYNCFS: synchronizeFilesystem(request)
        case FOLIO_FUSE_STATX: extendedStatus(request)
        case FOLIO_FUSE_COPY_FILE_RANGE_64: copyRange(request)
        case FOLIO_FUSE_SETXATTR: return setExtendedAttribute(request)
        default: return false
        }
        return true
    }

    private func createTemporary(_ request: RawRequest) {
        let reply = RawReply(request, device: device)
        guard let body = request.structure(folio_fuse_create_in.self) else { return reply.fail(.invalidArgument) }
        let flags = Int32(bitPattern: body.flags)
        let made: (entry: Entry, open: OpenReply)
        do throws(Errno) {
            made = try context.filesystem.createTemporary(
                TemporaryFileRequest(
                    directory: node(request), mode: body.mode, flags: flags, caller: Caller(request, mask: body.umask)))
        } catch {
            return reply.fail(error)
        }
        guard !reply.structure(folio_fuse_create_out(entry: made.entry.wire, open: made.open.wire)),
            let node = made.entry.node
        else { return }
        context.filesystem.release(
            ReleaseRequest(node: node, handle: made.open.handle, flags: flags, lockOwner: nil))
        context.filesystem.forget(node, count: 1)
    }

    private func synchronizeFilesystem(_ request: RawRequest) {
        let reply = RawReply(request, device: device)
        do throws(Errno) {
            try context.filesystem.synchronizeFilesystem(SynchronizeFilesystemRequest(node: node(request)))
            reply.done()
        } catch {
            reply.fail(error)
        }
    }

    private func extendedStatus(_ request: RawRequest) {
        let reply = RawReply(request, device: device)
        do throws(Errno) {
            let status = try context.filesystem.getExtendedStatus(GetAttributesRequest(node: node(request)))
            reply.structure(status.wire)
        } catch {
            reply.fail(error)
        }
    }

    private func copyRange(_ request: RawRequest) {
        let reply = RawReply(request, device: device)
        guard let body = request.structure(folio_fuse_copy_file_range_in.self) else {
            return reply.fail(.invalidArgument)
        }
        do throws(Errno) {
            let count = try context.filesystem.copyRange(
                CopyRangeRequest(
                    input: (node(request), HandleID(rawValue: body.fh_in), Int64(bitPattern: body.off_in)),
                    output: (
                        NodeID(rawValue: body.nodeid_out), HandleID(rawValue: body.fh_out),
                        Int64(bitPattern: body.off_out)
                    ),
                    length: Int(clamping: body.len), flags: Int32(truncatingIfNeeded: body.flags)))
            reply.structure(UInt64(count))
        } catch {
            reply.fail(error)
        }
    }

    /// FUSE_SETXATTR where its flags come with it (FUSE_SETXATTR_EXT): libfuse would read its name 8 bytes too early.
    private func setExtendedAttribute(_ request: RawRequest) -> Bool {
        guard context.grant?.granted.contains(.setExtendedAttributeFlags) == true else { return false }
        let reply = RawReply(request, device: device)
        let size = MemoryLayout<folio_fuse_setxattr_in>.size
        guard let body = request.structure(folio_fuse_setxattr_in.self), let start = request.body.baseAddress else {
            reply.fail(.invalidArgument)
            return true
        }
        let rest = UnsafeRawBufferPointer(rebasing: request.body[size...])
        guard let nameEnd = rest.firstIndex(of: 0), rest.count - nameEnd - 1 >= Int(body.size) else {
            reply.fail(.invalidArgument)
            return true
        }
        let value = UnsafeRawBufferPointer(rebasing: rest[(nameEnd + 1)...].prefix(Int(body.size)))
        do throws(Errno) {
            try context.filesystem.setExtendedAttribute(
                SetExtendedAttributeRequest(
                    node: node(request), name: EntryName((start + size).assumingMemoryBound(to: CChar.self)),
                    flags: Int32(bitPattern: body.flags),
                    clearsSetGroupID: body.setxattr_flags & UInt32(FOLIO_FUSE_SETXATTR_ACL_KILL_SGID) != 0,
                    caller: Caller(request, mask: 0)), value)
            reply.done()
        } catch {
            reply.fail(error)
        }
        return true
    }

    private func node(_ request: RawRequest) -> NodeID { NodeID(rawValue: request.header.nodeid) }
}
