import CLinuxShims
import FolioCapability
import FolioPolicy
package import FuseServer
import Glibc
import LinuxFacts
package import Logging
import SystemPackage

/// A source directory served on a mountpoint.
package final class DirectoryServer {
    private let options: ServeOptions
    private let filesystem: FolioFilesystem
    private let session: FuseSession
    /// nil: no socket could be had.
    private let control: ControlServer?

    /// Checks what is asked for, and gives up privileges that serving it does not need; the process must have one thread.
    ///
    /// - Returns: the options of the server to be made.
    /// - Throws: `ServeError`, `LinuxError`.
    package static func prepare(_ options: ServeOptions, logger: Logger) throws -> ServeOptions {
        let source = try Self.directory(options.source, "source")
        let mountpoint = try Self.directory(options.mountpoint, "mountpoint")
        let request = MountRequest(source: source, mountpoint: mountpoint, allowOther: options.allowOther)
        try request.check()
        var options = options
        options.source = source
        options.mountpoint = mountpoint
        options.allowOther = options.allowOther || !request.isUnprivileged
        if request.isUnprivileged {
            if options.passthrough, Self.needsPassthrough(options.policy.rules) {
                logger.warning(
                    "no passthrough and no staged copies: they need root; files are served from FUSE's cache")
            }
            options.passthrough = false
        }
        do throws(Errno) {
            try Confinement.enter(unmountsByHelper: request.isUnprivileged)
        } catch {
            throw ServeError("cannot give up privileges that are not needed: \(error.name); see capabilities(7)")
        }
        return options
    }

    /// The same for a mount that is there, whose server is gone: nothing of it is looked at.
    ///
    /// - Throws: `ServeError`.
    package static func prepareAgain(_ options: ServeOptions, _ recovery: RecoveryMemory) throws -> ServeOptions {
        var options = options
        (options.source, options.mountpoint) = MountRecords.places(in: recovery)
        options.allowOther = true
        do throws(Errno) {
            try Confinement.enter(unmountsByHelper: false)
        } catch {
            throw ServeError("cannot give up privileges that are not needed: \(error.name); see capabilities(7)")
        }
        return options
    }

    /// Mounts, or takes the mount over from the daemon before.
    ///
    /// - Parameters:
    ///   - options: what `prepare` made of them.
    ///   - recovery: what is handed on from daemon to daemon; nil: nothing.
    ///   - keeping: descriptors of this process that are none of the last daemon's.
    ///   - onReady: called once, on another thread, when the mount answers.
    /// - Throws: `ServeError`, `ManifestError`, `SessionError`.
    package init(
        _ options: ServeOptions, logger: Logger, recovery: RecoveryMemory? = nil, keeping: Set<Int32> = [],
        onReady: @escaping @Sendable () -> Void
    ) throws {
        self.options = options
        let mountpoint = options.mountpoint
        umask(0)
        var records: MountRecords?
        do throws(Errno) {
            if let recovery {
                records = try MountRecords(
                    recovery, keeping: keeping, descriptorLimit: FolioFilesystem.descriptorLimit())
            }
        } catch {
            throw ServeError(
                "take over", mountpoint, error,
                advice: "nobody serves it any more: foliofs unmount --lazy \(mountpoint)")
        }
        let descriptor: Int32
        do throws(Errno) {
            if let source = records?.source {
                descriptor = source
            } else {
                descriptor = try systemCall {
                    options.source.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | SourceFlags.directory) }
                }
            }
        } catch {
            throw ServeError("open", options.source, error, advice: "the source must be a directory that you may read")
        }
        let registry = try CapabilityRegistry(searchPath: options.plugins)
        filesystem = try FolioFilesystem(
            options, source: descriptor, reader: try FactReader(), registry: registry, logger: logger,
            records: records, onReady: { _ in onReady() })
        let backings = filesystem.takeOver()
        session = try FuseSession(filesystem, on: mountpoint.string, Self.sessionOptions(options), recovery: recovery)
        if records?.isTakenOver == true { session.closeBackings(but: backings) }
        filesystem.session = session
        session.onHangUp = Self.reloading(filesystem, session)
        do throws(Errno) {
            control = try ControlServer(filesystem, mountpoint: mountpoint)
        } catch {
            logger.warning("no control socket, so status and promote will not work here: \(error.name)")
            control = nil
        }
    }

    /// Serves until SIGINT, SIGTERM or an unmount; SIGHUP reads the configuration again.
    ///
    /// - Returns: whether another daemon is to take over.
    /// - Throws: `SessionError`.
    @discardableResult
    package func run() throws -> Bool {
        control?.start()
        do {
            try session.run()
        } catch {
            end()
            throw error
        }
        // What runs beside requests goes on until the process ends: what it has open is handed on.
        if session.isHandedOver { return true }
        end()
        return false
    }

    /// Whether every thread that may serve handles a request, and what comes has to wait.
    package var isHeldUp: @Sendable () -> Bool { { [session] in session.isHeldUp } }

    private func end() {
        filesystem.endWatching()
        control?.stop()
    }

    /// What SIGHUP does: the policy is read again, by a thread that requests do not wait for. Where it tells that the
    /// terminal is gone in which the server was started, it ends the mount.
    private static func reloading(_ filesystem: FolioFilesystem, _ session: FuseSession) -> @Sendable () -> Void {
        let hadTerminal = hasTerminal
        return { [weak filesystem, weak session] in
            if hadTerminal, !hasTerminal {
                session?.stop()
            } else {
                BackgroundThread.run { [filesystem] in _ = filesystem?.reload() }
            }
        }
    }

    /// Whether the process has a controlling terminal.
    private static var hasTerminal: Bool {
        let terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        guard terminal >= 0 else { return false }
        close(terminal)
        return true
    }

    /// Whether some rule names only routes that are nothing without passthrough.
    private static func needsPassthrough(_ rules: RouteRules) -> Bool {
        rules.rules.contains { rule in
            rule.routes?.allSatisfy { $0 == .native || $0 == .staged } == true
        }
    }

    private static func sessionOptions(_ options: ServeOptions) -> SessionOptions {
        var wanted: Capabilities = [
            .asyncRead, .posixLocks, .dontMask, .fileLocks, .directoryControl, .autoInvalidateData, .readDirectoryPlus,
            .readDirectoryPlusAuto, .asyncDirectIO, .parallelDirectoryOperations, .posixACL, .exportSupport,
            .atomicTruncate, .cacheSymbolicLinks, .handleKillPrivilege2, .setExtendedAttributeFlags,
            .createSupplementaryGroup,
        ]
        if options.passthrough { wanted.insert(.passthrough) }
        return SessionOptions(
            source: options.source.string, type: "foliofs",
            // fusermount3 gives users neither set-id programs nor devices.
            mountOptions: ["default_permissions"] + (options.allowOther ? ["allow_other"] : [])
                + (geteuid() == 0 ? ["suid", "dev"] : []) + (options.readOnly ? ["ro"] : []) + options.mountOptions,
            wanted: wanted, maximumThreads: 16)
    }

    /// The path without symbolic links of a directory that is there.
    private static func directory(_ path: FilePath, _ what: String) throws -> FilePath {
        let status: FileStatus
        do {
            status = try FileStatus.read(path)
        } catch {
            throw ServeError("use the \(what)", path, error.errno, advice: "name a directory that exists")
        }
        guard status.isDirectory else {
            throw ServeError("use the \(what)", path, .notDirectory, advice: "name a directory")
        }
        guard let resolved = path.withPlatformString({ realpath($0, nil) }) else {
            throw ServeError("use the \(what)", path, Errno(rawValue: errno), advice: "name a directory that exists")
        }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }
}
