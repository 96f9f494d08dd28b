import CLinuxShims
package import SystemPackage

/// What statfs(2) says of the filesystem that holds a path.
package struct FilesystemStatus: Hashable, Sendable {
    /// The magic number of the type (linux/magic.h): 0xEF53 for ext2, ext3 and ext4.
    package let magic: UInt64
    /// Bytes in a block.
    package let blockSize: Int
    /// Blocks of that size in the filesystem.
    package let blocks: UInt64
    /// Blocks that an unprivileged caller can still fill.
    package let availableBlocks: UInt64

    /// The filesystem that holds `path`.
    /// - Throws: the errno of statfs(2).
    package static func read(_ path: FilePath) throws(LinuxError) -> FilesystemStatus {
        var status = folio_statfs()
        do {
            _ = try systemCall { path.withPlatformString { folio_statfs($0, &status) } }
        } catch {
            throw LinuxError("ask the filesystem of", path, error)
        }
        return FilesystemStatus(
            magic: status.magic, blockSize: Int(clamping: status.block_size),
            blocks: status.blocks, availableBlocks: status.available)
    }
}
