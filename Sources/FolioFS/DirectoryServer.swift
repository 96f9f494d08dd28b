import CLinuxShims
import FolioCapability
import FuseServer
import Glibc
import LinuxFacts
package import Logging
import SystemPackage

/// A source directory served on a mountpoint.
package final class DirectoryServer {
    private let options: ServeOptions
    private let filesystem: FolioFilesystem
    private let session: FuseSession
    private let control: ControlServer

    /// Checks what is asked for, and mounts.
    ///
    /// - Parameter onReady: called once, on another thread, when the mount answers.
    /// - Throws: `ServeError`, `ManifestError`, `LinuxError`, `SessionError`.
    package init(
        _ options: ServeOptions, logger: Logger, onReady: @escaping @Sendable () -> Void
    ) throws {
        let source = try Self.directory(options.source, "source")
        let mountpoint = try Self.directory(options.mountpoint, "mountpoint")
        try Self.check(source: source, mountpoint: mountpoint)
        var options = options
        options.source = source
        options.mountpoint = mountpoint
        self.options = options
        let descriptor: Int32
        do throws(Errno) {
            descriptor = try systemCall {
                source.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | SourceFlags.directory) }
            }
        } catch {
            throw ServeError("open", source, error, advice: "the source must be a directory that root can read")
        }
        umask(0)
        let registry = try CapabilityRegistry(searchPath: options.plugins)
        filesystem = try FolioFilesystem(
            options, source: descriptor, reader: try FactReader(), registry: registry, logger: logger,
            onReady: { _ in onReady() })
        session = try FuseSession(filesystem, on: mountpoint.string, Self.sessionOptions(options))
        filesystem.session = session
        do {
            control = try ControlServer(filesystem, mountpoint: mountpoint)
        } catch {
            session.close()
            throw error
        }
    }

    /// Serves until SIGINT, SIGTERM, SIGHUP or an unmount.
    /// - Throws: `SessionError`.
    package func run() throws {
        control.start()
        defer { control.stop() }
        try session.run()
    }

    private static func sessionOptions(_ options: ServeOptions) -> SessionOptions {
        var wanted: Capabilities = [
            .asyncRead, .posixLocks, .dontMask, .fileLocks, .directoryControl, .autoInvalidateData, .readDirectoryPlus,
            .readDirectoryPlusAuto, .asyncDirectIO, .parallelDirectoryOperations, .posixACL,
        ]
        if options.passthrough { wanted.insert(.passthrough) }
        return SessionOptions(
            source: options.source.string, type: "foliofs",
            mountOptions: ["default_permissions", "allow_other", "suid", "dev"] + (options.readOnly ? ["ro"] : [])
                + options.mountOptions,
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

    private static func check(source: FilePath, mountpoint: FilePath) throws {
        guard geteuid() == 0 else {
            throw ServeError(
                "cannot mount \(mountpoint): EPERM; FUSE passthrough and serving other users need root: run it with sudo",
                machineLacks: true)
        }
        guard access("/dev/fuse", R_OK | W_OK) == 0 else {
            throw ServeError(
                "cannot open /dev/fuse: \(Errno(rawValue: errno).name); load the fuse module (modprobe fuse) or let the "
                    + "container have the device",
                machineLacks: true)
        }
        if mountpoint != source, mountpoint.starts(with: source) {
            throw ServeError(
                "mount on", mountpoint, .tooManySymbolicLinkLevels,
                advice: "it is inside the source, which would contain itself: mount elsewhere")
        }
        let mounts = try MountTable.read()
        if let there = mounts.mounts.last(where: { $0.mountpoint == mountpoint }), there.type.hasPrefix("fuse") {
            throw ServeError(
                "mount on", mountpoint, .resourceBusy,
                advice: "\(there.type) of \(there.source) is mounted there: unmount it first (foliofs unmount)")
        }
    }
}
