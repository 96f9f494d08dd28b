import CLinuxShims
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
        if config["BTRFS_EXPERIMENTAL"] == nil, let version = release.version {
            config["BTRFS_EXPERIMENTAL"] = Self.experimentalBtrfs(version)
        }
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
        let disabled = try? systemCall { folio_thp_disabled() }
        var facts = SystemFacts(
            enabled: settings?.enabled, shmemEnabled: settings?.shmemEnabled, processDisabled: disabled.map { $0 != 0 })
        facts.processDisabledExceptAdvised = disabled.map { $0 & Self.exceptAdvised != 0 }
        facts.shmemPMDControl = HugePageSettings.shmemControl(folioSize: self.facts.geometry.pmdSize)
        return facts
    }

    /// The same for a file, of which hugetlbfs may hold the pages: whether its pool has one for what the file has not got.
    package func system(for path: FilePath, on filesystem: FilesystemFacts) -> SystemFacts {
        var facts = system()
        if filesystem.pageCacheOwner.type == "hugetlbfs",
            let pool = HugetlbPool.read(pageSize: self.facts.geometry.pmdSize),
            let status = try? FileStatus.read(path)
        {
            facts.hugeFolioAvailable = pool.available > 0 || Int(status.blocks) * 512 >= status.size
        }
        return facts
    }

    /// PR_THP_DISABLE_EXCEPT_ADVISED in the answer of PR_GET_THP_DISABLE (Linux 6.18 include/uapi/linux/prctl.h).
    private static let exceptAdvised: Int32 = 1 << 1

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
        facts.immutableAtLoad = facts.inodeFlags.flatMap { flags in
            Self.immutableAtLoad(
                flags, changed: status.changeTime,
                loaded: [Self.bootTime, Self.mountTime(status.device)].compactMap { $0 }.max())
        }
        facts.openForWrite = OpenForWrite.ask(descriptor)
        if let residency = try? CacheResidency.read(descriptor) {
            facts.dirty = residency.isDirty
            facts.writeback = residency.writeback.map { $0 > 0 }
            if residency.cached == 0 { facts.cachedOrders = [] }
        }
        if facts.executable == false {
            var magic = [UInt8](repeating: 0, count: 4)
            let got = magic.withUnsafeMutableBytes { pread(raw, $0.baseAddress, 4, 0) }
            facts.executable = got == 4 && magic == [0x7f, 0x45, 0x4c, 0x46]
        }
        return facts
    }

    /// Completes what is not known yet of a file's page cache, orders and dirty pages, by the folios in a range, in bytes.
    /// Before cachestat(2) (6.5) nothing else tells what is dirty. Where it takes root or the file may not be read,
    /// nothing is completed. A page that nothing has mapped is mapped for a moment.
    package func complete(_ file: inout FileFacts, of path: FilePath, offset: Int, length: Int) {
        guard file.cachedOrders == nil || file.dirty == nil else { return }
        let page = facts.geometry.pageSize
        let start = offset / page * page
        guard offset >= 0, length > 0, let size = try? FileStatus.read(path).size, start < size,
            let raw = try? systemCall({ path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) } })
        else { return }
        defer { close(raw) }
        let wanted = min(length + offset - start, size - start)
        guard
            let folios = try? CachedFolio.read(
                FileDescriptor(rawValue: raw), offset: start, length: wanted, geometry: facts.geometry)
        else { return }
        if file.cachedOrders == nil { file.cachedOrders = FolioOrderSet(folios.map(\.order)) }
        if file.dirty == nil { file.dirty = folios.contains(where: \.dirty) }
    }

    // MARK: The kernel

    private static let fallback = "READ_ONLY_THP_FOR_FS"

    /// Options that rules and capabilities ask about. A whole configuration without one of them does not have it: kconfig
    /// leaves out what depends on something that is off.
    package static let optionsThatMatter = [
        "TRANSPARENT_HUGEPAGE", fallback, "SHMEM", "TMPFS", "BASE_SMALL", "BTRFS_EXPERIMENTAL", "HIGHMEM",
        "FUSE_PASSTHROUGH", "FUSE_DAX", "PREEMPT_RT", "EXT2_FS",
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

    /// Whether the immutable flag was set when the kernel read an inode in.
    ///
    /// chattr(1) sets the change time, and no inode is older in memory than its mount or the kernel: a flag that is older
    /// was there. nil: it may be younger than the inode in memory.
    /// - Parameters:
    ///   - changed: the inode's change time, nanoseconds since 1970.
    ///   - loaded: the time before which it was not in memory, the same; nil: not known.
    static func immutableAtLoad(_ flags: Set<String>, changed: Int64, loaded: Int64?) -> Bool? {
        guard flags.contains("immutable") else { return false }
        guard let loaded else { return nil }
        return changed < loaded ? true : nil
    }

    /// When the f2fs on a device was mounted, nanoseconds since 1970, up to a second early; nil: it is no f2fs, or does not
    /// say.
    ///
    /// - Source: 7.3 fs/f2fs/sysfs.c mounted_time_sec, whole seconds of CLOCK_BOOTTIME, read; measured.
    private static func mountTime(_ device: DeviceNumber) -> Int64? {
        guard let name = realPath(FilePath("/sys/dev/block/\(device)"))?.lastComponent?.string,
            let text = try? TextFile.read(FilePath("/sys/fs/f2fs/\(name)/mounted_time_sec")),
            let mounted = Int64(text.filter(\.isNumber))
        else { return nil }
        var (since, now) = (timespec(), timespec())
        clock_gettime(CLOCK_BOOTTIME, &since)
        clock_gettime(CLOCK_REALTIME, &now)
        let booted = Int64(now.tv_sec - since.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec - since.tv_nsec)
        return booted + mounted * 1_000_000_000
    }

    /// When the kernel was started, nanoseconds since 1970 (/proc/stat btime); nil: it does not say.
    private static var bootTime: Int64? {
        guard let text = try? TextFile.read("/proc/stat") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Int64($0.dropFirst(6)) }.map { $0 * 1_000_000_000 }
    }
}
