import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// A directory opened through the mount: the source's directory and what was read of it and not yet sent.
///
/// Offsets are the source's own (d_off of getdents64(2)), so telldir(3) and seekdir(3) hold as they do there.
final class OpenDirectory: @unchecked Sendable {
    /// An entry on its way.
    struct Entry {
        let name: UnsafePointer<CChar>
        let inode: UInt64
        let type: UInt8
        let next: Int64
    }

    let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
    private var filled = 0
    private var position = 0
    /// The offset of the entry at `position`.
    private var offset: Int64 = 0
    private let lock = LockedState(())

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        buffer.deallocate()
        close(descriptor)
    }

    var handle: HandleID {
        HandleID(rawValue: UInt64(UInt(bitPattern: Unmanaged.passRetained(self).toOpaque())))
    }

    static func of(_ handle: HandleID) throws(Errno) -> OpenDirectory {
        guard let pointer = UnsafeRawPointer(bitPattern: UInt(handle.rawValue)) else { throw .badFileDescriptor }
        return Unmanaged<OpenDirectory>.fromOpaque(pointer).takeUnretainedValue()
    }

    static func release(_ handle: HandleID) {
        guard let pointer = UnsafeRawPointer(bitPattern: UInt(handle.rawValue)) else { return }
        Unmanaged<OpenDirectory>.fromOpaque(pointer).release()
    }

    /// Calls `take` with each entry from `start` on, until it returns false or the directory ends. An entry that was not
    /// taken comes again next time.
    func read(from start: Int64, _ take: (Entry) throws(Errno) -> Bool) throws(Errno) {
        try lock.withLock { _ throws(Errno) in
            if start != offset {
                _ = try systemCall { lseek(descriptor, off_t(start), SEEK_SET) }
                (filled, position, offset) = (0, 0, start)
            }
            while true {
                if position == filled {
                    filled = try systemCall { folio_read_directory(descriptor, buffer.baseAddress, buffer.count) }
                    position = 0
                    if filled == 0 { return }
                }
                guard let start = buffer.baseAddress?.advanced(by: position) else { return }
                let header = start.loadUnaligned(as: folio_directory_entry.self)
                let name = (start + MemoryLayout<folio_directory_entry>.size).assumingMemoryBound(to: CChar.self)
                let entry = Entry(name: name, inode: header.inode, type: header.type, next: header.next)
                guard try take(entry) else { return }
                position += Int(header.length)
                offset = header.next
            }
        }
    }
}
