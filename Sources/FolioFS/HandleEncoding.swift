import CLinuxShims

/// Where a filesystem's handles hold the inode number.
///
/// A handle and attributes that were asked for by the same name, one after the other, speak of the same file where the
/// handle says the number that the attributes say.
/// - Source: Linux 6.18 fs/libfs.c generic_encode_ino32_fh(), fs/xfs/xfs_export.c, fs/btrfs/export.c, mm/shmem.c
///   shmem_encode_fh(), read; held against the root of each filesystem before it is relied on.
enum HandleEncoding {
    /// The low 32 bits come first (ext4, f2fs, squashfs, and xfs of small inode numbers).
    case number32
    /// 64 bits come first (btrfs, xfs of large inode numbers).
    case number64
    /// 64 bits after 32 of the generation (tmpfs).
    case afterGeneration

    /// What handles of a type on a filesystem with a statfs(2) magic number hold; nil: not known.
    @inline(__always)
    init?(magic: UInt64, type: Int32) {
        switch (magic, type) {
        case (0x0102_1994, 1): self = .afterGeneration
        case (0xef53, 1), (0xf2f5_2010, 1), (0x7371_7368, 1), (0x5846_5342, 1): self = .number32
        case (0x5846_5342, 0x81), (0x9123_683e, 0x4d), (0xe0f5_e1e2, 0x81): self = .number64
        default: return nil
        }
    }

    /// Whether a handle is that of an inode number.
    @inline(__always)
    func names(_ number: UInt64, _ handle: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .number32:
            return handle.count >= 4 && handle.loadUnaligned(as: UInt32.self) == UInt32(truncatingIfNeeded: number)
        case .number64:
            return handle.count >= 8 && handle.loadUnaligned(as: UInt64.self) == number
        case .afterGeneration:
            return handle.count >= 12 && handle.loadUnaligned(fromByteOffset: 4, as: UInt64.self) == number
        }
    }
}
