import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// A directory opened through the mount: where it is read, and what was read of it and not yet sent.
///
/// Offsets are the source's own (d_off of getdents64(2)), so telldir(3) and seekdir(3) hold as they do there, also across
/// the descriptor being closed while nobody reads and opened again.
final class OpenDirectory: CachedDescriptor, @unchecked Sendable {
    /// An entry on its way.
    struct Entry {
        let name: UnsafePointer<CChar>
        /// As programs see it.
        let inode: UInt64
        let type: UInt8
        let next: Int64
    }

    private static let bufferSize = 1 << 16

    let inode: Inode
    /// nil: nothing has been read, or it has been read to its end.
    private var buffer: UnsafeMutableRawBufferPointer?
    private var filled = 0
    private var position = 0
    /// The offset of the entry at `position`.
    private var offset: Int64 = 0
    /// Where the descriptor reads on.
    private var descriptorOffset: Int64 = 0
    /// Whether nothing was read yet.
    private var isFresh = true
    /// Whether the start has been read and nothing of it been taken.
    private var isAhead = false
    private let lock = LockedState(())

    /// - Parameter isOpenAgain: whether it was open by the daemon before, and is opened when it is read on.
    /// - Throws: what opening the directory says.
    init(_ inode: Inode, isOpenAgain: Bool = false) throws(Errno) {
        self.inode = inode
        super.init()
        guard !inode.filesystem.isBoundary, !isOpenAgain else { return }
        cache.adopt(self, try openDescriptor())
    }

    deinit {
        buffer?.deallocate()
        if wasCached { cache.drop(self) }
    }

    private var cache: DescriptorCache { inode.filesystem.budget.files }

    override func openDescriptor() throws(Errno) -> Int32 {
        let owner = DescriptorOwner(try inode.open(O_RDONLY | SourceFlags.directory))
        if descriptorOffset != 0 { _ = try systemCall { lseek(owner.descriptor, off_t(descriptorOffset), SEEK_SET) } }
        return owner.take()
    }

    /// The handle for the kernel; it owns one reference, taken back by `release(_:)`.
    ///
    /// - Throws: ENFILE.
    func handle(_ records: MountRecords?) throws(Errno) -> HandleID {
        guard let records else {
            return HandleID(rawValue: UInt64(UInt(bitPattern: Unmanaged.passRetained(self).toOpaque())))
        }
        guard let index = records.handles.allocate() else { throw .tooManyOpenFilesInSystem }
        HandleRecord(records.handles.payload(index)).fill(inode, .directory)
        return records.handles.begin(index, UnsafeRawPointer(Unmanaged.passRetained(self).toOpaque()))
    }

    static func of(_ handle: HandleID, _ records: MountRecords?) throws(Errno) -> OpenDirectory {
        guard let pointer = records.object(handle) else { throw .badFileDescriptor }
        return Unmanaged<OpenDirectory>.fromOpaque(pointer).takeUnretainedValue()
    }

    static func release(_ handle: HandleID, _ records: MountRecords?) {
        guard let pointer = records.object(handle) else { return }
        records?.handles.end(handle)
        Unmanaged<OpenDirectory>.fromOpaque(pointer).release()
    }

    /// Calls `body` with the descriptor.
    func withDescriptor<Value>(_ body: (Int32) throws(Errno) -> Value) throws(Errno) -> Value {
        try lock.withLock { _ throws(Errno) in try cache.with(self, body) }
    }

    /// Calls `take` with each entry from `start` on, until it returns false or the directory ends. An entry that was not
    /// taken comes again next time.
    func read(from start: Int64, _ take: (Entry) throws(Errno) -> Bool) throws(Errno) {
        try lock.withLock { _ throws(Errno) in
            guard !inode.filesystem.isBoundary else { return try readBoundary(from: start, take) }
            if start == 0 {
                if !isAhead { try begin() }
            } else if start != offset {
                try cache.with(self) { descriptor throws(Errno) in
                    _ = try systemCall { lseek(descriptor, off_t(start), SEEK_SET) }
                }
                (filled, position, offset, descriptorOffset) = (0, 0, start, start)
            }
            (isFresh, isAhead) = (false, false)
            while true {
                if position == filled {
                    guard try fill() else { return }
                }
                guard let start = buffer?.baseAddress?.advanced(by: position) else { return }
                let header = start.loadUnaligned(as: folio_directory_entry.self)
                let name = (start + MemoryLayout<folio_directory_entry>.size).assumingMemoryBound(to: CChar.self)
                let entry = Entry(
                    name: name, inode: inode.filesystem.shown(header.inode), type: header.type, next: header.next)
                guard try take(entry) else { return }
                position += Int(header.length)
                offset = header.next
            }
        }
    }

    /// How many entries are read ahead at the start: all that there are in a directory of less than about two thousand.
    func entriesAhead() throws(Errno) -> Int {
        guard !inode.filesystem.isBoundary else { return 2 }
        var count = 0
        try read(from: 0) { _ throws(Errno) in false }
        lock.withLock { _ in
            isAhead = true
            var place = position
            while place < filled, let start = buffer?.baseAddress?.advanced(by: place) {
                place += Int(start.loadUnaligned(as: folio_directory_entry.self).length)
                count += 1
            }
        }
        return count
    }

    /// Begins at the first entry, as a directory opened just now: the kernel keeps the listing for whoever comes next, and
    /// an old description may leave entries out. btrfs gives none that are younger than it is or its last lseek(2) (Linux
    /// 6.18 fs/btrfs/inode.c btrfs_opendir(), read); ext4 gives none at all once it was read at its end before anywhere
    /// else (fs/ext4/dir.c ext4_dx_readdir(), measured).
    private func begin() throws(Errno) {
        try cache.with(self) { descriptor throws(Errno) in
            if isFresh {
                _ = try systemCall { lseek(descriptor, 0, SEEK_SET) }
            } else {
                let flags = O_RDONLY | SourceFlags.directory | O_CLOEXEC
                let anew = DescriptorOwner(try inode.filesystem.budget.open { openat(descriptor, ".", flags) })
                _ = try systemCall { folio_replace_descriptor(anew.descriptor, descriptor) }
            }
        }
        (filled, position, offset, descriptorOffset) = (0, 0, 0, 0)
    }

    /// Reads on.
    ///
    /// - Returns: false at the end.
    private func fill() throws(Errno) -> Bool {
        let buffer = buffer ?? .allocate(byteCount: Self.bufferSize, alignment: 8)
        self.buffer = buffer
        (filled, position) = (0, 0)
        filled = try cache.with(self) { descriptor throws(Errno) in
            try systemCall { folio_read_directory(descriptor, buffer.baseAddress, buffer.count) }
        }
        guard filled > 0 else {
            buffer.deallocate()
            self.buffer = nil
            return false
        }
        // The last entry says where the next call reads on.
        var place = 0
        while place < filled, let start = buffer.baseAddress?.advanced(by: place) {
            let header = start.loadUnaligned(as: folio_directory_entry.self)
            descriptorOffset = header.next
            place += Int(header.length)
        }
        return true
    }

    /// Where the source ends there is an empty directory.
    private func readBoundary(from start: Int64, _ take: (Entry) throws(Errno) -> Bool) throws(Errno) {
        let number = inode.shownNumber
        if start < 1, !(try take(Entry(name: Self.dot, inode: number, type: UInt8(DT_DIR), next: 1))) { return }
        if start < 2 { _ = try take(Entry(name: Self.dotDot, inode: number, type: UInt8(DT_DIR), next: 2)) }
    }

    nonisolated(unsafe) private static let dot = name([0x2e, 0])
    nonisolated(unsafe) private static let dotDot = name([0x2e, 0x2e, 0])

    private static func name(_ bytes: [CChar]) -> UnsafePointer<CChar> {
        let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        memory.initialize(from: bytes, count: bytes.count)
        return UnsafePointer(memory)
    }
}
