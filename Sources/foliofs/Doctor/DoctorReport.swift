import FolioCapability
import FolioFS
import FolioPolicy
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// What this machine can and cannot do for FolioFS.
struct DoctorReport: Encodable, Equatable {
    /// The checks, in the order they are shown.
    let checks: [DoctorCheck]
    /// Whether a FolioFS can be mounted at all.
    let canMount: Bool
    /// The routes by which files can be served.
    let routes: [DoctorRoute]
    /// The kernel's release text.
    let kernel: String

    /// The machine as it is now.
    ///
    /// - Parameter plugins: where plugins are looked for beside the built-in ones.
    static func read(plugins: [FilePath] = []) throws -> DoctorReport {
        let reader = try FactReader()
        let device = fuseDevice()
        let privileges = Privileges.read()
        let mounting = mounting(privileges)
        let passthrough = passthrough(reader.kernel(), privileges)
        let settings = settings(reader)
        let (registry, failure) = try registry(plugins)
        let checks =
            [
                kernel(reader), configuration(reader.kernel(), release: reader.release.release), device,
                library(FuseLibrary.version), mounting, passthrough,
            ]
            + settings
            + [
                fallback(reader), watching(reader), control(), supervision(reader.kernel(), privileges), frames(),
                trace(), allowOther(), helper(),
                settingsFile(),
                manifests(failure), descriptors(), memory(),
            ]
        return DoctorReport(
            checks: checks, canMount: device.ok && mounting.ok,
            routes: routes(reader, registry, passthrough: passthrough, settings: settings),
            kernel: reader.release.release)
    }

    /// The plugins that are found; where one is wrong, those that are built in, and what is wrong.
    private static func registry(_ plugins: [FilePath]) throws -> (CapabilityRegistry, ManifestError?) {
        do throws(ManifestError) {
            return (try CapabilityRegistry(searchPath: plugins), nil)
        } catch {
            return (try CapabilityRegistry(), error)
        }
    }

    // MARK: What mounting needs

    private static func kernel(_ reader: FactReader) -> DoctorCheck {
        let geometry = reader.kernel().geometry
        let release = "Linux \(reader.release.release), \(reader.release.machine)"
        guard let version = reader.release.version else {
            return DoctorCheck(
                "kernel", ok: false, release, advice: "the version cannot be told, so most answers will be unknown")
        }
        guard geometry.reachesPMD else {
            return DoctorCheck(
                "kernel", ok: false, release + ": its page cache holds no folio that one PMD maps",
                advice: "boot a kernel with pages of 4 KiB (arm64: CONFIG_ARM64_4K_PAGES=y) and CONFIG_BASE_SMALL=n")
        }
        return DoctorCheck(
            "kernel", ok: version >= KernelVersion(5, 4),
            release + ": \(ByteSize(bytes: geometry.pmdSize)) by one PMD",
            advice: "boot Linux 5.4 or later, with which huge pages of files begin; 6.9 for all of FolioFS")
    }

    private static func fuseDevice() -> DoctorCheck {
        do {
            close(try systemCall { open("/dev/fuse", O_RDWR | O_CLOEXEC) })
            return DoctorCheck("fuse.device", ok: true, "/dev/fuse opens")
        } catch {
            let advice: String
            switch error {
            case .noSuchFileOrDirectory, .noSuchAddressOrDevice:
                advice = "modprobe fuse (CONFIG_FUSE_FS); in a container start it with --device /dev/fuse"
            case .permissionDenied, .notPermitted:
                advice = "chmod 0666 /dev/fuse, or in a container allow the device"
            default: advice = "see fuse(4)"
            }
            return DoctorCheck("fuse.device", ok: false, "cannot open /dev/fuse: \(error.name)", advice: advice)
        }
    }

    private static func mounting(_ privileges: Privileges) -> DoctorCheck {
        if privileges.administrator {
            return DoctorCheck("fuse.mount", ok: true, "CAP_SYS_ADMIN is there: mounts itself")
        }
        guard let program = FuseMountProgram.find() else {
            return DoctorCheck(
                "fuse.mount", ok: false, "neither CAP_SYS_ADMIN nor fusermount3",
                advice: "apt-get install fuse3, or run as root; in a container start it with --cap-add SYS_ADMIN")
        }
        return DoctorCheck(
            "fuse.mount", ok: FuseMountProgram.hasPrivileges(program),
            FuseMountProgram.hasPrivileges(program)
                ? "mounts by \(program), for you alone: without passthrough, staged copies, file handles and fanotify, "
                    + "which take root" : "\(program) is not set-user-id root",
            advice: "chmod u+s \(program), or run as root")
    }

    private static func passthrough(_ kernel: KernelFacts, _ privileges: Privileges) -> DoctorCheck {
        let without = "without it files are served from FUSE's own cache, which holds no huge folios of itself"
        guard let version = kernel.version, version >= KernelVersion(6, 9) else {
            return DoctorCheck(
                "fuse.passthrough", ok: false, "Linux \(kernel.version?.description ?? "of unknown version") has none",
                advice: "boot 6.9 or later; \(without)")
        }
        if kernel.config["FUSE_PASSTHROUGH"] == false {
            return DoctorCheck(
                "fuse.passthrough", ok: false, "the kernel is built without CONFIG_FUSE_PASSTHROUGH",
                advice: "boot a kernel with CONFIG_FUSE_PASSTHROUGH=y; \(without)")
        }
        guard privileges.administrator, privileges.initialNamespace else {
            let why =
                privileges.administrator
                ? "CAP_SYS_ADMIN is there, but not of the initial user namespace" : "CAP_SYS_ADMIN is missing"
            return DoctorCheck(
                "fuse.passthrough", ok: false, why,
                advice: privileges.administrator
                    ? "mount as root outside of the container or user namespace; \(without)"
                    : "mount as root (sudo foliofs mount); \(without)")
        }
        let built = kernel.config["FUSE_PASSTHROUGH"] == true ? "built in" : "not known to be left out"
        return DoctorCheck("fuse.passthrough", ok: true, "Linux \(version), \(built), CAP_SYS_ADMIN is there")
    }

    private static func supervision(_ kernel: KernelFacts, _ privileges: Privileges) -> DoctorCheck {
        guard privileges.administrator, geteuid() == 0 else {
            return DoctorCheck(
                "fuse.supervised", ok: false, "mounts end with their server: another takes over for root alone",
                advice: "mount as root, with --supervised")
        }
        guard let version = kernel.version, version >= KernelVersion(6, 9) else {
            return DoctorCheck(
                "fuse.supervised", ok: false,
                "Linux \(kernel.version?.description ?? "of unknown version") sends nothing again: what a server that ends has not answered fails by EIO",
                advice: "boot 6.9 or later")
        }
        return DoctorCheck(
            "fuse.supervised", ok: true, "with --supervised another server takes over from one that ends")
    }

    // MARK: Huge pages

    private static func settings(_ reader: FactReader) -> [DoctorCheck] {
        guard let settings = HugePageSettings.read() else {
            return [
                DoctorCheck(
                    "thp.settings", ok: false, "/sys/kernel/mm/transparent_hugepage is not there",
                    advice: "mount -t sysfs sysfs /sys, or boot a kernel with CONFIG_TRANSPARENT_HUGEPAGE=y")
            ]
        }
        let off = reader.system().processDisabled == true
        return [
            DoctorCheck(
                "thp.enabled", ok: settings.enabled != nil,
                "\(settings.enabled?.rawValue ?? "not understood"): asked by anonymous faults and khugepaged, not by a "
                    + "fault on a huge folio that is there, nor by MADV_COLLAPSE",
                advice: "read /sys/kernel/mm/transparent_hugepage/enabled"),
            DoctorCheck(
                "thp.shmem", ok: settings.shmemEnabled != nil && settings.shmemEnabled != .deny,
                settings.shmemEnabled.map { "shmem_enabled is \($0.rawValue)" } ?? "shmem_enabled cannot be read",
                advice: "staged copies are huge only where it is not deny: "
                    + "echo never > /sys/kernel/mm/transparent_hugepage/shmem_enabled, which leaves it to each mount"),
            DoctorCheck(
                "thp.process", ok: !off,
                off ? "PR_SET_THP_DISABLE holds for this process" : "not switched off by prctl(2)",
                advice: "start it from a process that has not called prctl(PR_SET_THP_DISABLE)"),
        ]
    }

    private static func fallback(_ reader: FactReader) -> DoctorCheck {
        let kernel = reader.kernel()
        if let version = kernel.version, version >= KernelVersion(7, 2) {
            return DoctorCheck(
                "thp.readOnlyFallback", ok: true, "gone since Linux 7.2: MADV_COLLAPSE asks the filesystem instead")
        }
        let origin =
            switch reader.fallbackOrigin {
            case .config(let path): "says \(path)"
            case .probe: "says a collapse that was tried"
            case .unknown: "the configuration cannot be read"
            }
        switch kernel.config["READ_ONLY_THP_FOR_FS"] {
        case true?:
            return DoctorCheck("thp.readOnlyFallback", ok: true, "CONFIG_READ_ONLY_THP_FOR_FS is on, \(origin)")
        case false?:
            return DoctorCheck(
                "thp.readOnlyFallback", ok: false, "CONFIG_READ_ONLY_THP_FOR_FS is off, \(origin)",
                advice:
                    "boot a kernel before 7.2 with CONFIG_READ_ONLY_THP_FOR_FS=y, without which MADV_COLLAPSE of files outside "
                    + "tmpfs is EINVAL; routes native (refault) and staged do without"
            )
        case nil:
            return DoctorCheck(
                "thp.readOnlyFallback", ok: false, "not known whether CONFIG_READ_ONLY_THP_FOR_FS is on: \(origin)",
                advice: "put the kernel's configuration at /boot/config-\(reader.release.release)")
        }
    }

    // MARK: What is looked at

    /// How changes of a source by others are seen, on the filesystem of the root.
    private static func watching(_ reader: FactReader) -> DoctorCheck {
        guard let why = WatchSupport.whyNoFanotify("/") else {
            let forgets = reader.release.version.map { $0 >= KernelVersion(6, 16) } ?? false
            return DoctorCheck(
                "watch.source", ok: forgets,
                forgets
                    ? "fanotify with names: what the kernel caches is good until it changes"
                    : "fanotify with names, but the kernel cannot forget all names at once: names are looked up each time",
                advice: "boot Linux 6.16 or later, whose FUSE can")
        }
        guard let watches = WatchSupport.inotifyWatches else {
            return DoctorCheck(
                "watch.source", ok: false, "no fanotify: \(why); no inotify: what is cached is good for a second",
                advice: "boot a kernel with CONFIG_FANOTIFY=y and CONFIG_INOTIFY_USER=y")
        }
        return DoctorCheck(
            "watch.source", ok: false, "no fanotify: \(why); inotify watches up to \(watches) directories",
            advice: "mount as root, with a source whose filesystem can be watched as a whole")
    }

    private static func control() -> DoctorCheck {
        let mounts = (try? MountTable.read().mounts) ?? []
        let mounted = mounts.first { $0.type == "fusectl" }
        return DoctorCheck(
            "fuse.control", ok: mounted != nil,
            mounted.map { "fusectl at \($0.mountpoint)" } ?? "fusectl is not mounted: a hung mount cannot be aborted",
            advice: "mount -t fusectl fusectl /sys/fs/fuse/connections")
    }

    private static func frames() -> DoctorCheck {
        do {
            close(try systemCall { open("/proc/kpageflags", O_RDONLY | O_CLOEXEC) })
            let own = Privileges.read().administrator
            return DoctorCheck(
                "observe.pageFrames", ok: own,
                own ? "/proc/kpageflags opens and pagemap shows frames" : "pagemap hides frames without CAP_SYS_ADMIN",
                advice: "run as root to see the orders of folios and whether they moved")
        } catch {
            let advice =
                error == .noSuchFileOrDirectory
                ? "boot a kernel with CONFIG_PROC_PAGE_MONITOR=y" : "run as root to see the orders of folios"
            return DoctorCheck(
                "observe.pageFrames", ok: false, "cannot open /proc/kpageflags: \(error.name)", advice: advice)
        }
    }

    private static func trace() -> DoctorCheck {
        let events: FilePath = "/sys/kernel/tracing/events/huge_memory/mm_khugepaged_scan_file/format"
        do {
            _ = try TextFile.read(events)
            return DoctorCheck("observe.trace", ok: true, "tracefs has the huge_memory events")
        } catch {
            let mounted = ((try? MountTable.read().mounts) ?? []).contains { $0.type == "tracefs" }
            return DoctorCheck(
                "observe.trace", ok: false, "cannot read \(events): \(error.name)",
                advice: mounted
                    ? "run as root on a kernel with CONFIG_FTRACE=y and CONFIG_EVENT_TRACING=y to see the kernel's own reasons"
                    : "as root: mount -t tracefs nodev /sys/kernel/tracing")
        }
    }

    private static func allowOther() -> DoctorCheck {
        let allowed = FuseMountProgram.allowsOthers
        let needed = geteuid() != 0
        let found =
            allowed ? "user_allow_other is set in /etc/fuse.conf" : "user_allow_other is not set in /etc/fuse.conf"
        return DoctorCheck(
            "fuse.allowOther", ok: allowed || !needed, needed ? found : found + ", which root does not need",
            advice: "add the line user_allow_other to /etc/fuse.conf, so that others than you may use your mount")
    }

    private static func descriptors() -> DoctorCheck {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return DoctorCheck("limit.files", ok: false, "RLIMIT_NOFILE cannot be read", advice: "see getrlimit(2)")
        }
        let wanted: rlim_t = 65536
        let unlimited = limit.rlim_max == rlim_t.max
        return DoctorCheck(
            "limit.files", ok: unlimited || limit.rlim_max >= wanted,
            "at most \(unlimited ? "any number of" : String(limit.rlim_max)) open files (now \(limit.rlim_cur))",
            advice:
                "raise the hard limit: ulimit -Hn \(wanted) as root, LimitNOFILE=\(wanted) in the unit, or /etc/security/limits.conf"
        )
    }
}
