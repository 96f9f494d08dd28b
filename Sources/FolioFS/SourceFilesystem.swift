import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// A filesystem met in the source: one for each mount, and of btrfs for each subvolume.
///
/// Two mounts of one filesystem are two, as only the mount knows whether it is read-only.
final class SourceFilesystem: @unchecked Sendable {
    /// Its number among those of the table; 0: that of the source's root.
    let index: UInt16
    /// Tells its inode numbers from those of other devices; the same for all mounts of one device.
    let numberSpace: UInt16
    /// st_dev of its nodes.
    let device: UInt64
    /// The id of the mount, as mountinfo has it; 0 before Linux 5.8.
    let mount: UInt64
    /// f_type of statfs(2).
    let magic: UInt64
    /// f_fsid of statfs(2), as fanotify(7) reports it.
    let id: UInt64
    /// A directory or file of it, really open (not O_PATH), by which handles are opened; -1: none could be had.
    let descriptor: Int32
    /// Whether its nodes are kept by file handle; else by name.
    let opensHandles: Bool
    /// Where the source ends: the root of another mount, shown as an empty directory.
    let isBoundary: Bool
    let budget: DescriptorBudget
    /// Whether its nodes are handed on from daemon to daemon.
    let hasRecords: Bool
    /// Guards where nodes kept by name are.
    let places = LockedState(())
    /// Held while names change through the mount.
    let renaming = LockedState(())
    /// Gone before the last of its inodes in tests alone.
    weak var table: InodeTable?

    /// - Parameter descriptor: an open directory or file of it, owned from then on; -1: none.
    init(
        index: UInt16, numberSpace: UInt16, device: UInt64, mount: UInt64, descriptor: Int32, isBoundary: Bool,
        budget: DescriptorBudget, hasRecords: Bool = false
    ) {
        self.index = index
        self.numberSpace = numberSpace
        self.device = device
        self.mount = mount
        self.hasRecords = hasRecords
        self.descriptor = descriptor
        self.isBoundary = isBoundary
        self.budget = budget
        var filesystem = folio_filesystem()
        let known = descriptor >= 0 && folio_filesystem_of(descriptor, &filesystem) == 0
        magic = filesystem.magic
        id = filesystem.id
        opensHandles = known && !isBoundary && Self.opensHandles(descriptor, magic)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Filesystems whose handles open only what is cached (fuse, exfat, ntfs3) or what is not renamed (vfat).
    ///
    /// - Source: Linux 6.18 fs/fuse/inode.c fuse_get_dentry(), fs/exfat/namei.c, fs/fat/nfs.c, read.
    private static let unreliable: Set<UInt64> = [0x6573_5546, 0x2011_bab0, 0x7366_746e, 0x4d44]

    /// Whether closing a file may write or tell of errors, as network filesystems do.
    var mayWriteAtClose: Bool { !Self.closesInSilence.contains(magic) }

    /// Filesystems without a flush operation: ext4, xfs, btrfs, tmpfs, f2fs, ramfs.
    ///
    /// - Source: Linux 6.18 their struct file_operations, read.
    private static let closesInSilence: Set<UInt64> = [
        0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0xf2f5_2010, 0x8584_58f6,
    ]

    private static func opensHandles(_ descriptor: Int32, _ magic: UInt64) -> Bool {
        guard !unreliable.contains(magic) else { return false }
        var handle = folio_handle()
        guard folio_file_handle(descriptor, &handle) == 0 else { return false }
        // Takes CAP_DAC_READ_SEARCH.
        let opened = folio_open_handle(descriptor, &handle, SourceFlags.pathOnly | O_CLOEXEC)
        if opened >= 0 { close(opened) }
        return opened >= 0
    }

    /// Whether a node of that status is on it.
    @inline(__always)
    func holds(_ status: SourceStatus) -> Bool { status.mount == mount && status.device == device }

    /// Whether the node found by name may be the one of `number`.
    ///
    /// A file of overlayfs becomes another when it is first written to, where layers are on several filesystems and it
    /// has no numbers of its own for them (xino=off): device and number change.
    func keepsNumber(_ number: UInt64, _ type: mode_t, _ status: SourceStatus) -> Bool {
        if status.number == number, holds(status) { return true }
        return magic == 0x794c_7630 && type != S_IFDIR && status.mount == mount
    }

    /// The inode number that programs see: the source's own, told apart by device where the source crosses mounts.
    func shown(_ number: UInt64) -> UInt64 { number ^ UInt64(numberSpace) << 48 }
}
