import CLinuxShims
package import SystemPackage

/// The superblock of an ext2, ext3 or ext4 filesystem, from bytes.
///
/// Source: Linux 6.18 fs/ext4/ext4.h struct ext4_super_block; feature names as e2fsprogs lib/e2p/feature.c has them;
/// include/uapi/linux/ext4.h EXT4_IOC_GET_TUNE_SB_PARAM (04a91570ac67), measured 6.18.
package struct Ext4Superblock: Hashable, Sendable {
    /// Where on the device it begins, in bytes.
    package static let offset = 1024
    /// Bytes of it that are looked at.
    package static let size = 128

    /// The features that are set, by their names in dumpe2fs(8); a bit without a name is left out.
    package let features: Set<String>
    /// Bytes in a block.
    package let blockSize: Int

    /// A superblock from its first 128 bytes; nil: it is none.
    package static func parse(_ bytes: [UInt8]) -> Ext4Superblock? {
        guard bytes.count >= size, bytes[0x38] == 0x53, bytes[0x39] == 0xEF, bytes[0x18] <= 6 else { return nil }
        let words = [0x5c, 0x60, 0x64].map { start in
            bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        return Ext4Superblock(
            features: features(compatible: words[0], incompatible: words[1], readOnlyCompatible: words[2]),
            blockSize: 1024 << Int(bytes[0x18]))
    }

    /// The features of the mounted filesystem that holds an open file, by their names in dumpe2fs(8).
    /// - Throws: ENOTTY where it is no ext4, or the kernel is before 6.18 and does not tell.
    package static func features(of descriptor: FileDescriptor) throws(Errno) -> Set<String> {
        var parameters = folio_ext4_parameters()
        _ = try systemCall { folio_ext4_parameters(descriptor.rawValue, &parameters) }
        return features(
            compatible: parameters.compatible, incompatible: parameters.incompatible,
            readOnlyCompatible: parameters.read_only_compatible)
    }

    private static func features(compatible: UInt32, incompatible: UInt32, readOnlyCompatible: UInt32) -> Set<String> {
        let words = [
            (compatible, Self.compatible), (incompatible, Self.incompatible),
            (readOnlyCompatible, Self.readOnlyCompatible),
        ]
        return Set(words.flatMap { word, names in names.filter { word & 1 << $0.key != 0 }.values })
    }

    private static let compatible: [UInt32: String] = [
        0: "dir_prealloc", 1: "imagic_inodes", 2: "has_journal", 3: "ext_attr", 4: "resize_inode", 5: "dir_index",
        6: "lazy_bg", 8: "snapshot_bitmap", 9: "sparse_super2", 10: "fast_commit", 11: "stable_inodes",
        12: "orphan_file",
    ]
    private static let incompatible: [UInt32: String] = [
        0: "compression", 1: "filetype", 2: "needs_recovery", 3: "journal_dev", 4: "meta_bg", 6: "extent", 7: "64bit",
        8: "mmp", 9: "flex_bg", 10: "ea_inode", 12: "dirdata", 13: "metadata_csum_seed", 14: "large_dir",
        15: "inline_data", 16: "encrypt", 17: "casefold",
    ]
    private static let readOnlyCompatible: [UInt32: String] = [
        0: "sparse_super", 1: "large_file", 3: "huge_file", 4: "uninit_bg", 5: "dir_nlink", 6: "extra_isize",
        8: "quota",
        9: "bigalloc", 10: "metadata_csum", 11: "replica", 12: "read-only", 13: "project", 14: "shared_blocks",
        15: "verity", 16: "orphan_present",
    ]
}
