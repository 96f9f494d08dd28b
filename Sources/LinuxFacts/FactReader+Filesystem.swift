import CLinuxShims
import FolioPolicy
import Glibc
import SystemPackage

/// The filesystem that holds a file, and the facts of it that conditions of capabilities ask about.
extension FactReader {
    static func filesystem(
        of path: FilePath, mounts: MountTable, depth: Int
    ) throws(LinuxError) -> FilesystemFacts {
        let status = try FileStatus.read(path)
        if let device = status.specialDevice, status.isBlockDevice { return blockDevice(path, device) }
        guard let real = realPath(path) else { throw LinuxError("resolve", path, Errno(rawValue: errno)) }
        guard let mount = status.mountID.flatMap(mounts.mount(id:)) ?? mounts.mount(containing: real) else {
            return FilesystemFacts(type: nil)
        }
        var options = mount.superOptions.merging(mount.options) { $1 }
        if mount.readOnly { options["rw"] = nil }
        if let data = dataMode(mount) { options["data"] = data }
        var facts = FilesystemFacts(
            type: mount.type, mountOptions: options,
            superblockFeatures: superblockFeatures(real, mount, status),
            blockSize: try? FilesystemStatus.read(real).blockSize, readOnly: mount.readOnly)
        if depth < maximumDepth {
            facts.layers = layers(of: real, on: mount).compactMap {
                try? filesystem(of: $0, mounts: mounts, depth: depth + 1)
            }
        }
        return facts
    }

    /// The kernel stacks no deeper than 2 (FILESYSTEM_MAX_STACK_DEPTH); FUSE may stand between.
    static let maximumDepth = 6

    /// The file below that holds the pages of `path`; empty: there is none, or it cannot be told.
    ///
    /// What is behind a file of FUSE only that file tells, and a native plugin asks it.
    static func layers(of path: FilePath, on mount: Mount) -> [FilePath] {
        guard mount.type == "overlay" else { return [] }
        return OverlayLayers.holding(path, on: mount).map { [$0] } ?? []
    }

    /// The features of an ext2, ext3 or ext4, by the kernel's own word (6.18), else from its device; nil: not known.
    static func superblockFeatures(
        _ path: FilePath, _ mount: Mount, _ status: FileStatus
    ) -> Set<String>? {
        guard ["ext2", "ext3", "ext4"].contains(mount.type) else { return nil }
        if status.isRegular || status.isDirectory,
            let raw = try? systemCall({
                path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
            })
        {
            defer { close(raw) }
            if let features = try? Ext4Superblock.features(of: FileDescriptor(rawValue: raw)) { return features }
        }
        return ext4Superblock(mount, device: status.device)?.features
    }

    static func ext4Superblock(_ mount: Mount, device: DeviceNumber) -> Ext4Superblock? {
        var paths: [FilePath] = ["/dev/block/\(device)"].map { FilePath($0) }
        if let name = realPath(FilePath("/sys/dev/block/\(device)"))?.lastComponent {
            paths.append(FilePath("/dev").appending(name))
        }
        if mount.source.hasPrefix("/") { paths.append(FilePath(mount.source)) }
        for path in paths {
            let wanted = Ext4Superblock.offset + Ext4Superblock.size
            guard let bytes = try? TextFile.bytes(path, first: wanted), bytes.count == wanted else { continue }
            return Ext4Superblock.parse(Array(bytes[Ext4Superblock.offset...]))
        }
        return nil
    }

    /// A block device read or mapped by itself: its pages are in a page cache of its own, whatever directory it is in.
    private static func blockDevice(_ path: FilePath, _ device: DeviceNumber) -> FilesystemFacts {
        FilesystemFacts(type: "bdev", mountOptions: [:], blockSize: blockSize(of: path, device))
    }

    /// The block size of a device's page cache: by BLKBSZGET, or else the logical one; nil: neither can be read.
    private static func blockSize(of path: FilePath, _ device: DeviceNumber) -> Int? {
        if let raw = try? systemCall({ path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) } }) {
            defer { close(raw) }
            var size = 0
            if folio_control(raw, UInt(FOLIO_BLKBSZGET), &size) == 0, size > 0 { return size }
        }
        for queue in ["queue", "../queue"] {
            let file = FilePath("/sys/dev/block/\(device)/\(queue)/logical_block_size")
            let text = try? TextFile.read(file)
            if let size = text.flatMap({ Int($0.filter(\.isNumber)) }) { return size }
        }
        return nil
    }

    /// How an ext3 or ext4 journals data, of which mountinfo shows only what is not the superblock's own default; nil: it
    /// does not say, or is no such.
    private static func dataMode(_ mount: Mount) -> String? {
        guard ["ext3", "ext4"].contains(mount.type), mount.superOptions["data"] == nil,
            let name = realPath(FilePath("/sys/dev/block/\(mount.device)"))?.lastComponent?.string,
            let text = try? TextFile.read(FilePath("/proc/fs/ext4/\(name)/options"))
        else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("data=") }
        return line.map { String($0.dropFirst("data=".count)) }
    }

    /// Whether btrfs is built with BTRFS_EXPERIMENTAL, where no configuration tells: such a one shows extent_tree_v2 in
    /// its features (6.17 fs/btrfs/sysfs.c, assumed; seen to be absent on 6.18 without it). nil: it cannot be told.
    static func experimentalBtrfs(_ version: KernelVersion) -> Bool? {
        guard version >= KernelVersion(6, 17), (try? FileStatus.read("/sys/fs/btrfs/features")) != nil else {
            return nil
        }
        return (try? FileStatus.read("/sys/fs/btrfs/features/extent_tree_v2")) != nil
    }

    static func realPath(_ path: FilePath) -> FilePath? {
        guard let real = path.withPlatformString({ realpath($0, nil) }) else { return nil }
        defer { free(real) }
        return FilePath(platformString: real)
    }
}
