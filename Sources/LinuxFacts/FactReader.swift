package import FolioPolicy
import Glibc
package import SystemPackage

/// Reads what is true here, in the policy's values. What cannot be read is nil there, never a guess.
package struct FactReader: Sendable {
    /// Where CONFIG_READ_ONLY_THP_FOR_FS is known from.
    package enum FallbackOrigin: Hashable, Sendable {
        /// From the kernel's configuration in this file.
        case config(FilePath)
        /// From a collapse that was tried.
        case probe
        /// It is not known.
        case unknown
    }

    /// The running kernel's release.
    package let release: KernelRelease
    /// Where the option of the read-only fallback is known from.
    package let fallbackOrigin: FallbackOrigin
    private let facts: KernelFacts

    /// A reader for the running kernel, whose configuration is read now.
    /// - Throws: where /proc is not mounted.
    package init() throws(LinuxError) {
        let mounts = try MountTable.read()
        release = .read()
        let settings = HugePageSettings.read()
        let read = KernelConfig.read(release: release.release)
        let memory = try? FileStatus.read("/sys/kernel/mm")
        var config = Self.completed(read?.options, hugePages: memory == nil ? nil : settings != nil)
        let geometry = Self.geometry(
            machine: release.machine, pageSize: Int(getpagesize()), pmdSize: settings?.pmdSize,
            smallXArray: config["BASE_SMALL"] == true)
        var origin = read.map { FallbackOrigin.config($0.origin) } ?? .unknown
        if config[Self.fallback] == nil, let version = release.version {
            if !(KernelVersion(5, 4)..<KernelVersion(7, 2)).contains(version) {
                config[Self.fallback] = false
            } else if let program = Self.realPath("/proc/self/exe"),
                let filesystem = try? Self.filesystem(of: program, mounts: mounts, depth: 0),
                let answer = FallbackProbe(version: version, pmdSize: geometry.pmdSize)
                    .ask(program, filesystem: filesystem)
            {
                config[Self.fallback] = answer
                origin = .probe
            }
        }
        fallbackOrigin = origin
        facts = KernelFacts(version: release.version, config: config, geometry: geometry)
    }

    /// The running kernel: version, configuration, geometry.
    package func kernel() -> KernelFacts { facts }

    /// The machine's controls now, and whether this process has huge pages switched off by prctl(2).
    package func system() -> SystemFacts {
        let settings = HugePageSettings.read()
        let status = try? TextFile.read("/proc/self/status")
        return SystemFacts(
            enabled: settings?.enabled, shmemEnabled: settings?.shmemEnabled,
            processDisabled: status.flatMap(Self.processDisabled))
    }

    /// The filesystem that holds a path, and for one whose pages live in another, that one.
    /// - Throws: ENOENT and the like, where the path cannot be looked at.
    package func filesystem(of path: FilePath) throws(LinuxError) -> FilesystemFacts {
        try Self.filesystem(of: path, mounts: try MountTable.read(), depth: 0)
    }

    /// The file that a path leads to.
    ///
    /// What asks for an open file (inode flags, writers, dirty pages) is nil where it may not be opened for reading.
    /// - Throws: ENOENT and the like, where the path cannot be looked at.
    package func file(_ path: FilePath) throws(LinuxError) -> FileFacts {
        let status = try FileStatus.read(path)
        var facts = FileFacts(
            size: status.size, regular: status.isRegular, compressed: status.has(.compressed), dax: status.has(.dax),
            executable: status.mode & 0o111 != 0)
        // Opening what is not a regular file may wait or act.
        guard status.isRegular,
            let raw = try? systemCall({
                path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
            })
        else { return facts }
        defer { close(raw) }
        let descriptor = FileDescriptor(rawValue: raw)
        facts.inodeFlags = Self.flags(descriptor, status)
        facts.openForWrite = OpenForWrite.ask(descriptor)
        if let residency = try? CacheResidency.read(descriptor) {
            facts.dirty = residency.isDirty
            if residency.cached == 0 { facts.cachedOrders = [] }
        }
        if facts.executable == false {
            var magic = [UInt8](repeating: 0, count: 4)
            let got = magic.withUnsafeMutableBytes { pread(raw, $0.baseAddress, 4, 0) }
            facts.executable = got == 4 && magic == [0x7f, 0x45, 0x4c, 0x46]
        }
        return facts
    }

    /// The orders of the folios that a file's page cache holds in a range, in bytes; nil: it takes root to know, or the
    /// file may not be read. A page of it that nothing has mapped is mapped for a moment.
    package func cachedOrders(of path: FilePath, offset: Int, length: Int) -> Set<FolioOrder>? {
        let page = facts.geometry.pageSize
        let start = offset / page * page
        guard offset >= 0, length > 0, let size = try? FileStatus.read(path).size, start < size,
            let raw = try? systemCall({ path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) } })
        else { return nil }
        defer { close(raw) }
        let wanted = min(length + offset - start, size - start)
        let folios = try? CachedFolio.read(
            FileDescriptor(rawValue: raw), offset: start, length: wanted, geometry: facts.geometry)
        return folios.map { Set($0.map(\.order)) }
    }

    // MARK: The kernel

    private static let fallback = "READ_ONLY_THP_FOR_FS"

    /// Options that rules and capabilities ask about. A whole configuration without one of them does not have it: kconfig
    /// leaves out what depends on something that is off.
    private static let optionsThatMatter = [
        "TRANSPARENT_HUGEPAGE", fallback, "SHMEM", "TMPFS", "BASE_SMALL", "BTRFS_EXPERIMENTAL", "HIGHMEM",
        "FUSE_PASSTHROUGH",
        "FUSE_DAX", "PREEMPT_RT",
    ]

    /// What was read, completed by what it implies; without it whether /sys shows huge page settings (nil: no /sys).
    static func completed(_ options: [String: Bool]?, hugePages: Bool?) -> [String: Bool] {
        guard var options, !options.isEmpty else { return hugePages.map { ["TRANSPARENT_HUGEPAGE": $0] } ?? [:] }
        for name in optionsThatMatter where options[name] == nil { options[name] = false }
        return options
    }

    /// Page and PMD sizes: by the kernel's own word where it gives one.
    ///
    /// - Parameter smallXArray: CONFIG_BASE_SMALL: nodes of 16 slots, so that MAX_XAS_ORDER is 7 (Linux 6.10 and stable
    ///   kernels, include/linux/xarray.h, read).
    static func geometry(machine: String, pageSize: Int, pmdSize: Int?, smallXArray: Bool) -> PageGeometry {
        let known = PageGeometry.of(architecture: machine, pageSize: pageSize)
        let told = pmdSize.flatMap { size -> FolioOrder? in
            guard pageSize > 0, size % pageSize == 0, size / pageSize & (size / pageSize - 1) == 0, size >= pageSize
            else { return nil }
            return FolioOrder(UInt8((size / pageSize).trailingZeroBitCount))
        }
        guard let pmdOrder = told ?? known?.pmdOrder else {
            // No transparent huge pages: nothing but single pages.
            return PageGeometry(pageSize: pageSize, pmdOrder: FolioOrder(9), maximumPageCacheOrder: .zero)
        }
        let limit = FolioOrder(smallXArray ? 7 : 11)
        return PageGeometry(pageSize: pageSize, pmdOrder: pmdOrder, maximumPageCacheOrder: min(pmdOrder, limit))
    }

    /// Whether PR_SET_THP_DISABLE holds, from the text of /proc/PID/status; nil: it does not say (before 5.0).
    static func processDisabled(_ status: String) -> Bool? {
        for line in status.split(separator: "\n") where line.hasPrefix("THP_enabled:") {
            return line.split(separator: ":").last.map { $0.contains("0") }
        }
        return nil
    }

    // MARK: Filesystems

    private static func filesystem(
        of path: FilePath, mounts: MountTable, depth: Int
    ) throws(LinuxError) -> FilesystemFacts {
        let status = try FileStatus.read(path)
        guard let real = realPath(path) else { throw LinuxError("resolve", path, Errno(rawValue: errno)) }
        guard let mount = status.mountID.flatMap(mounts.mount(id:)) ?? mounts.mount(containing: real) else {
            return FilesystemFacts(type: nil)
        }
        var options = mount.superOptions.merging(mount.options) { $1 }
        if mount.readOnly { options["rw"] = nil }
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
    private static let maximumDepth = 6

    /// The file below that holds the pages of `path`; empty: there is none, or it cannot be told.
    private static func layers(of path: FilePath, on mount: Mount) -> [FilePath] {
        var inside = path
        guard inside.removePrefix(mount.mountpoint) else { return [] }
        let root = FilePath(root: nil, mount.root.components)
        let relative = root.appending(inside.components)
        switch mount.type {
        case "overlay":
            let overlay = OverlayLayers(options: mount.superOptions)
            // A relative name is relative to who mounted it, which nobody knows any more.
            guard overlay.directories.allSatisfy(\.isAbsolute) else { return [] }
            let holding = overlay.directories.map { $0.appending(relative.components) }.filter {
                (try? FileStatus.read($0, follow: false)) != nil
            }
            // With data elsewhere the uppermost is the file only where it is the only one.
            if overlay.dataMayBeElsewhere && holding.count > 1 { return [] }
            return Array(holding.prefix(1))
        case "fuse.foliofs":
            let source = FilePath(mount.source)
            guard source.isAbsolute else { return [] }
            return [source.appending(relative.components)]
        default: return []
        }
    }

    /// The features of an ext2, ext3 or ext4, by the kernel's own word (6.18), else from its device; nil: not known.
    private static func superblockFeatures(
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

    private static func ext4Superblock(_ mount: Mount, device: DeviceNumber) -> Ext4Superblock? {
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

    private static func realPath(_ path: FilePath) -> FilePath? {
        guard let real = path.withPlatformString({ realpath($0, nil) }) else { return nil }
        defer { free(real) }
        return FilePath(platformString: real)
    }

    // MARK: Files

    /// The flags of an inode, together with the attributes of statx(2) that say the same; nil: they cannot be read.
    private static func flags(_ descriptor: FileDescriptor, _ status: FileStatus) -> Set<String>? {
        var flags: InodeFlags = []
        do {
            flags = try InodeFlags.read(descriptor)
        } catch .inappropriateIOCTLForDevice, .notSupported, .noFunction {
            // The filesystem has no such flags; statx's attributes are all there is.
        } catch {
            return nil
        }
        if status.attributes.contains(.compressed) { flags.insert(.compressed) }
        if status.attributes.contains(.immutable) { flags.insert(.immutable) }
        if status.attributes.contains(.encrypted) { flags.insert(.encrypted) }
        if status.attributes.contains(.verity) { flags.insert(.verity) }
        if status.attributes.contains(.dax) { flags.insert(.dax) }
        return flags.names
    }
}
