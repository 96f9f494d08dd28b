import CFuse3
import Glibc

/// Who asks: the ids of the calling thread as the kernel saw them.
public struct Caller: Sendable {
    /// The file system user id.
    public let user: UInt32
    /// The file system group id.
    public let group: UInt32
    /// The thread's id; 0 where it is not in the server's pid namespace.
    public let process: Int32
    /// The umask; meaningful for requests that create.
    public let mask: UInt32
    /// For requests that create, where `.createSupplementaryGroup` was granted: the directory's group, where it is one of the
    /// caller's supplementary groups. No other matters to who owns what is created.
    public let directoryGroup: UInt32?

    /// Reads the context of a request that is being handled.
    init(_ request: OpaquePointer?) {
        let context = fuse_req_ctx(request)
        user = context?.pointee.uid ?? 0
        group = context?.pointee.gid ?? 0
        process = context?.pointee.pid ?? 0
        mask = context?.pointee.umask ?? 0
        directoryGroup = CurrentRequest.raw?.directoryGroup
    }

    init(_ request: RawRequest, mask: UInt32) {
        user = request.header.uid
        group = request.header.gid
        process = Int32(bitPattern: request.header.pid)
        self.mask = mask
        directoryGroup = request.directoryGroup
    }

    /// Every supplementary group, read from /proc; empty where it cannot be read. Valid before the request is answered.
    public var supplementaryGroups: [UInt32] {
        statusField("Groups:").split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            .compactMap { UInt32(String(decoding: $0, as: UTF8.self)) }
    }

    /// Whether the caller has CAP_SYS_ADMIN, in whatever user namespace; false where it cannot be read. Valid before the request
    /// is answered.
    public var mayAdminister: Bool { has(capability: 21) }

    /// Whether the caller has a capability by its number (capabilities(7), linux/capability.h), in whatever user namespace; false
    /// where that cannot be read. Valid before the request is answered.
    public func has(capability: Int) -> Bool {
        let text = statusField("CapEff:").filter { $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: " ") }
        let capabilities = UInt64(String(decoding: text, as: UTF8.self), radix: 16) ?? 0
        return capabilities & 1 << UInt64(capability) != 0
    }

    /// The rest of a line of /proc/PID/status (proc_pid_status(5)).
    private func statusField(_ name: String) -> ArraySlice<UInt8> {
        let descriptor = open("/proc/\(process)/status", O_RDONLY | O_CLOEXEC)
        guard process > 0, descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var text = [UInt8]()
        var part = [UInt8](repeating: 0, count: 4096)
        while case let count = read(descriptor, &part, part.count), count > 0 { text += part[..<count] }
        let lines = text.split(separator: UInt8(ascii: "\n"))
        return lines.first { $0.starts(with: name.utf8) }?.dropFirst(name.utf8.count) ?? []
    }
}
