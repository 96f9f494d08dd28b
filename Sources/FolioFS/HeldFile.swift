import FuseServer
import Glibc
import SystemPackage

/// A file that the kernel has open, the object behind its handle.
///
/// A file in passthrough needs no descriptor here for what it is opened for: it may be closed while no request uses it, and is
/// opened again for the next, so that more files can be open through the mount than this process may have descriptors.
final class HeldFile: CachedDescriptor, @unchecked Sendable {
    let inode: Inode
    let flags: Int32
    let kind: OpenFile.Kind
    /// Whether the kernel tells of its closes (FUSE_FLUSH), with which record locks end.
    let tellsCloses: Bool
    /// Whether the kernel has a backing file for it, which keeps the file whatever becomes of its names.
    private let isBacked: Bool
    /// Where it is handed on to the next daemon; nil: nowhere.
    private let records: MountRecords?
    /// A descriptor that is open as long as this lives; -1: it is in the cache.
    private let fixed: Int32
    /// A use that ends with this, so that the descriptor stays.
    private let kept = LockedState<DescriptorCache.Pin?>(nil)

    /// - Parameters:
    ///   - descriptor: what was opened, not the caller's any more; -1: it is opened again when it is needed.
    ///   - records: where it is handed on; its descriptor then stays open, as far as there may be so many.
    init(
        _ inode: Inode, _ descriptor: Int32, flags: Int32, kind: OpenFile.Kind, tellsCloses: Bool, isBacked: Bool,
        records: MountRecords? = nil
    ) {
        self.records = records
        self.tellsCloses = tellsCloses
        self.inode = inode
        self.isBacked = isBacked
        self.flags = flags
        self.kind = kind
        if case .source = kind, descriptor < 0 || records?.takesFixed() != true {
            fixed = -1
        } else {
            fixed = descriptor
        }
        super.init()
        if !isBacked { inode.filesystem.budget.hadUnbackedOpens.withLock { $0 = true } }
        if fixed < 0, descriptor >= 0 { cache.adopt(self, descriptor) }
    }

    deinit {
        if let pin = kept.withLock({ $0 }) { cache.unpin(pin) }
        if wasCached { cache.drop(self) }
        guard fixed >= 0 else { return }
        close(fixed)
        if case .source = kind { records?.givesFixedBack() }
    }

    private var cache: DescriptorCache { inode.filesystem.budget.files }

    var isWritable: Bool { flags & O_ACCMODE != O_RDONLY }

    /// The handle for the kernel; it owns one reference, taken back by `release(_:)`.
    ///
    /// - Parameters:
    ///   - backing: what the kernel serves it by.
    ///   - copy: where that is a staged copy.
    /// - Throws: ENFILE.
    func handle(_ backing: BackingID?, _ copy: StagedCopy?) throws(Errno) -> HandleID {
        guard let records else {
            return HandleID(rawValue: UInt64(UInt(bitPattern: Unmanaged.passRetained(self).toOpaque())))
        }
        guard let index = records.handles.allocate() else { throw .tooManyOpenFilesInSystem }
        var sort = HandleRecord.Sort.file
        var mirror: StagedCopy?
        switch kind {
        case .alignedExec: sort = .alignedExec
        case .mirrored(let copy): mirror = copy
        case .source: break
        }
        HandleRecord(records.handles.payload(index)).fill(
            inode, sort, flags: flags, descriptor: fixed, backing: backing, tellsCloses: tellsCloses,
            copies: (serving: copy?.record?.index, mirror: mirror?.record?.index))
        return records.handles.begin(index, UnsafeRawPointer(Unmanaged.passRetained(self).toOpaque()))
    }

    @inline(__always)
    static func of(_ handle: HandleID, _ records: MountRecords?) throws(Errno) -> HeldFile {
        guard let pointer = records.object(handle) else { throw .badFileDescriptor }
        return Unmanaged<HeldFile>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Takes the kernel's reference back.
    static func release(_ handle: HandleID, _ records: MountRecords?) -> HeldFile? {
        records.object(handle).map { Unmanaged<HeldFile>.fromOpaque($0).takeRetainedValue() }
    }

    override func openDescriptor() throws(Errno) -> Int32 {
        let kept = flags & (O_ACCMODE | O_SYNC | O_DSYNC)
        do throws(Errno) {
            return try inode.open(kept | O_NONBLOCK)
        } catch {
            // What is append-only (chattr +a) wants O_APPEND.
            guard error == .notPermitted, flags & O_APPEND != 0 else { throw error }
            return try inode.open(kept | O_NONBLOCK | O_APPEND)
        }
    }

    override func mayClose(_ descriptor: Int32) -> Bool {
        if isBacked || !inode.isKeptByHandle { return true }
        // A file without names is reached by nothing but its descriptors.
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_nlink > 0
    }

    /// Begins a use: the descriptor, and what ends the use.
    @inline(__always)
    func use() throws(Errno) -> (Int32, DescriptorCache.Pin?) {
        if fixed >= 0 { return (fixed, nil) }
        let pin = try cache.pin(self)
        return (pin.descriptor, pin)
    }

    @inline(__always)
    func endUse(_ pin: DescriptorCache.Pin) { cache.unpin(pin) }

    /// Keeps the descriptor open until this goes.
    func keepDescriptor() {
        guard fixed < 0 else { return }
        kept.withLock { kept in
            if kept == nil { kept = try? cache.pin(self) }
        }
    }

    /// Gives up what flock(2) has locked.
    func unlock() {
        if let pin = kept.withLock({ $0 }) { flock(pin.descriptor, LOCK_UN) }
        if fixed >= 0 { flock(fixed, LOCK_UN) }
    }
}
