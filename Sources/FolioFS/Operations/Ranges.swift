import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
import Synchronization
package import SystemPackage

/// FUSE_FALLOCATE, FUSE_COPY_FILE_RANGE, FUSE_LSEEK, FUSE_IOCTL.
extension FolioFilesystem {
    package func allocate(_ request: AllocateRequest) throws(Errno) {
        let file = try OpenFile.of(request.handle, records)
        try changingSource(table[request.node], content: true) { () throws(Errno) in
            _ = try systemCall { folio_allocate(file.descriptor, request.mode, request.offset, request.length) }
        }
    }

    package func copyRange(_ request: CopyRangeRequest) throws(Errno) -> Int {
        let input = try OpenFile.of(request.input.handle, records)
        let output = try OpenFile.of(request.output.handle, records)
        if let copy = copyInUse(table[request.input.node]), copy.isStoredTo.load(ordering: .relaxed) {
            try carryStores(copy)
        }
        // It was read, and the kernel keeps its attributes over that (Linux 6.18 fs/fuse/file.c, measured).
        defer { session?.invalidate(request.input.node, offset: -1) }
        return try changingSource(table[request.output.node], content: true) { () throws(Errno) in
            var (from, to) = (request.input.offset, request.output.offset)
            return try systemCall {
                folio_copy_range(
                    input.descriptor, &from, output.descriptor, &to, request.length, UInt32(request.flags))
            }
        }
    }

    package func seek(_ request: SeekRequest) throws(Errno) -> Int64 {
        let file = try OpenFile.of(request.handle, records)
        return Int64(try systemCall { lseek(file.descriptor, off_t(request.offset), request.whence) })
    }

    /// The commands that have meaning for a file of the source whoever asks: inode flags and project ids.
    private static let commands: Set<UInt32> = [
        0x8008_6601, 0x4008_6602, 0x801c_581f, 0x401c_5820, 0x8008_7601,
    ]
    /// Those of them that change the file: FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR.
    private static let changingCommands: Set<UInt32> = [0x4008_6602, 0x401c_5820]

    package func control(
        _ request: ControlRequest, into output: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> (result: Int32, count: Int) {
        guard Self.commands.contains(request.command) else { throw Errno(rawValue: ENOTTY) }
        let inode = table[request.node]
        let file = DescriptorOwner(try inode.open(O_RDONLY | O_NONBLOCK))
        // At most 28 bytes for any of them.
        var argument = [UInt8](repeating: 0, count: 64)
        argument.replaceSubrange(0..<min(request.input.count, 64), with: request.input.prefix(64))
        let command = UInt(request.command)
        let result = try changingSource(inode, content: false) { () throws(Errno) in
            try systemCall { folio_control(file.descriptor, command, &argument) }
        }
        // Flags move ctime, and the kernel keeps attributes over an ioctl (Linux 6.18 fs/fuse/ioctl.c, measured). Attributes
        // alone are dropped without waiting for a lock, so a request in flight may ask for it.
        if Self.changingCommands.contains(request.command) { session?.invalidate(request.node, offset: -1) }
        let count = min(output.count, argument.count)
        output.copyBytes(from: argument[..<count])
        return (result, count)
    }
}
