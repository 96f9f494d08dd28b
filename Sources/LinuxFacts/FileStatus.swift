import CLinuxShims
import Glibc
package import SystemPackage

/// What statx(2) says of a file.
package struct FileStatus: Hashable, Sendable {
    /// Attributes of statx(2) that bear on folios.
    package struct Attributes: OptionSet, Hashable, Sendable {
        /// The bits of stx_attributes.
        package let rawValue: UInt64
        /// Attributes from their bits.
        package init(rawValue: UInt64) { self.rawValue = rawValue }

        /// STATX_ATTR_COMPRESSED: the filesystem stores it compressed.
        package static let compressed = Attributes(rawValue: UInt64(FOLIO_STATX_ATTR_COMPRESSED))
        /// STATX_ATTR_IMMUTABLE.
        package static let immutable = Attributes(rawValue: UInt64(FOLIO_STATX_ATTR_IMMUTABLE))
        /// STATX_ATTR_ENCRYPTED: a key is needed to read it.
        package static let encrypted = Attributes(rawValue: UInt64(FOLIO_STATX_ATTR_ENCRYPTED))
        /// STATX_ATTR_VERITY: fs-verity.
        package static let verity = Attributes(rawValue: UInt64(FOLIO_STATX_ATTR_VERITY))
        /// STATX_ATTR_DAX (5.8): no page cache.
        package static let dax = Attributes(rawValue: UInt64(FOLIO_STATX_ATTR_DAX))
    }

    /// Type and permission bits.
    package let mode: UInt32
    /// i_size in bytes.
    package let size: Int
    /// Blocks of 512 bytes that are allocated.
    package let blocks: UInt64
    /// The inode's number.
    package let inode: UInt64
    /// The device of the filesystem.
    package let device: DeviceNumber
    /// The device that a device file stands for; nil: it is none.
    package let specialDevice: DeviceNumber?
    /// The owner.
    package let user: UInt32
    /// The group.
    package let group: UInt32
    /// The last change of the content, nanoseconds since 1970.
    package let modificationTime: Int64
    /// The last change of the inode, nanoseconds since 1970.
    package let changeTime: Int64
    /// The id of the mount, as mountinfo has it (5.8); nil: the kernel does not say.
    package let mountID: Int?
    /// The attributes that are set.
    package let attributes: Attributes
    /// The attributes that the filesystem speaks of: a bit outside is unknown, not unset.
    package let attributesMask: Attributes
    /// What direct I/O asks of offsets, in bytes (6.1): 0 where there is none; nil: the kernel does not say.
    package let directIOAlignment: Int?

    /// Whether it is a regular file.
    package var isRegular: Bool { mode & S_IFMT == S_IFREG }
    /// Whether it is a block device.
    package var isBlockDevice: Bool { mode & S_IFMT == S_IFBLK }
    /// Whether it is a directory.
    package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }

    /// Whether an attribute is set; nil: the filesystem does not speak of it.
    package func has(_ attribute: Attributes) -> Bool? {
        if attributes.contains(attribute) { return true }
        return attributesMask.contains(attribute) ? false : nil
    }

    /// The status of a path, by default of what a symbolic link leads to.
    /// - Throws: the errno of statx(2).
    package static func read(_ path: FilePath, follow: Bool = true) throws(LinuxError) -> FileStatus {
        var status = folio_statx()
        let flags = follow ? 0 : Int32(FOLIO_AT_SYMLINK_NOFOLLOW)
        do {
            _ = try systemCall { path.withPlatformString { folio_statx(AT_FDCWD, $0, flags, mask, &status) } }
        } catch {
            throw LinuxError("stat", path, error)
        }
        return FileStatus(status)
    }

    /// The status of an open file.
    /// - Throws: the errno of statx(2).
    package static func read(_ descriptor: FileDescriptor) throws(Errno) -> FileStatus {
        var status = folio_statx()
        _ = try systemCall { folio_statx(descriptor.rawValue, "", Int32(FOLIO_AT_EMPTY_PATH), mask, &status) }
        return FileStatus(status)
    }

    private static let mask = UInt32(FOLIO_STATX_BASIC_STATS | FOLIO_STATX_MNT_ID | FOLIO_STATX_DIOALIGN)

    private init(_ status: folio_statx) {
        mode = UInt32(status.mode)
        size = Int(clamping: status.size)
        blocks = status.blocks
        inode = status.inode
        device = DeviceNumber(major: status.dev_major, minor: status.dev_minor)
        let isSpecial = [UInt32(S_IFBLK), UInt32(S_IFCHR)].contains(mode & UInt32(S_IFMT))
        specialDevice = isSpecial ? DeviceNumber(major: status.rdev_major, minor: status.rdev_minor) : nil
        user = status.user
        group = status.group
        modificationTime = Self.nanoseconds(status.modification)
        changeTime = Self.nanoseconds(status.change)
        mountID = status.mask & UInt32(FOLIO_STATX_MNT_ID) != 0 ? Int(clamping: status.mount_id) : nil
        attributes = Attributes(rawValue: status.attributes)
        attributesMask = Attributes(rawValue: status.attributes_mask)
        directIOAlignment = status.mask & UInt32(FOLIO_STATX_DIOALIGN) != 0 ? Int(status.dio_offset_align) : nil
    }

    private static func nanoseconds(_ time: folio_statx_time) -> Int64 {
        let (product, overflow) = time.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (time.seconds < 0 ? .min : .max) : product &+ Int64(time.nanoseconds)
    }
}
