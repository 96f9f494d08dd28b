import CLinuxShims
package import SystemPackage

/// The flags of an inode that chattr(1) shows and that bear on folios.
///
/// Source: ioctl_iflags(2); Linux include/uapi/linux/fs.h FS_*_FL.
package struct InodeFlags: OptionSet, Hashable, Sendable {
    /// The bits of FS_IOC_GETFLAGS.
    package let rawValue: UInt32
    /// Flags from their bits.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// FS_COMPR_FL: what is written is to be compressed.
    package static let compressed = InodeFlags(rawValue: 0x4)
    /// FS_IMMUTABLE_FL.
    package static let immutable = InodeFlags(rawValue: 0x10)
    /// FS_ENCRYPT_FL.
    package static let encrypted = InodeFlags(rawValue: 0x800)
    /// FS_JOURNAL_DATA_FL.
    package static let journalData = InodeFlags(rawValue: 0x4000)
    /// FS_VERITY_FL.
    package static let verity = InodeFlags(rawValue: 0x10_0000)
    /// FS_DAX_FL: DAX is asked for; whether the file has it says STATX_ATTR_DAX.
    package static let dax = InodeFlags(rawValue: 0x0200_0000)

    private static let words: [(InodeFlags, String)] = [
        (.compressed, "compressed"), (.immutable, "immutable"), (.encrypted, "encrypted"),
        (.journalData, "journal-data"), (.verity, "verity"), (.dax, "dax"),
    ]

    /// The flags that are set, in `FileFacts`' words.
    package var names: Set<String> {
        Set(Self.words.filter { contains($0.0) }.map(\.1))
    }

    /// The flags of an open file.
    /// - Throws: the errno of ioctl(2); ENOTTY where the filesystem has no such flags.
    package static func read(_ descriptor: FileDescriptor) throws(Errno) -> InodeFlags {
        var flags: UInt32 = 0
        _ = try systemCall { folio_inode_flags(descriptor.rawValue, &flags) }
        return InodeFlags(rawValue: flags)
    }
}
