import CLinuxShims
import FolioPolicy
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// Answers what the command line asks of a mount; only root and the server's own user are answered.
final class ControlServer: @unchecked Sendable {
    /// How many callers are answered at a time, and how long each may take to say what it wants, in seconds.
    private static let (mostCallers, patience) = (64, 10)
    /// How often a caller is told how far its promotion is, in milliseconds.
    private static let pace = 50
    private let filesystem: FolioFilesystem
    private let mountpoint: FilePath
    private let listener: Int32
    private let path: FilePath
    /// The socket's inode in its directory.
    private let inode: UInt64
    private let callers = LockedState(0)

    /// - Throws: what making the socket says; ENOENT where the mount is not in the mount table.
    init(_ filesystem: FolioFilesystem, mountpoint: FilePath) throws(Errno) {
        self.filesystem = filesystem
        self.mountpoint = mountpoint
        let mounts = (try? MountTable.read().mounts) ?? []
        guard let mount = mounts.last(where: { $0.mountpoint == mountpoint }) else { throw .noSuchFileOrDirectory }
        let place = ControlPlace(owner: geteuid())
        try place.make()
        let path = place.socket(mount.device)
        self.path = path
        let socket = DescriptorOwner(try ControlSocket.make())
        // What is there was left by a server that was killed: the device is this mount's now.
        _ = path.withPlatformString { unlink($0) }
        _ = try ControlSocket.withAddress(path) { bind(socket.descriptor, $0, $1) }
        _ = try systemCall { path.withPlatformString { chmod($0, 0o600) } }
        _ = try systemCall { listen(socket.descriptor, 16) }
        inode = (try? FileStatus.read(path, follow: false))?.inode ?? 0
        listener = socket.take()
    }

    deinit { close(listener) }

    /// Begins to answer, on threads of its own.
    func start() {
        BackgroundThread.run { [self] in
            while let connection = try? systemCall({ accept(listener, nil, nil) }) {
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                let hasRoom = callers.withLock { count in
                    guard count < Self.mostCallers else { return false }
                    count += 1
                    return true
                }
                guard hasRoom else {
                    close(connection)
                    continue
                }
                BackgroundThread.run { [self] in
                    if isAllowed(connection) { try? answer(connection) }
                    close(connection)
                    callers.withLock { $0 -= 1 }
                }
            }
        }
    }

    /// Ends the waiting for callers, and removes the socket unless it is of a mount that has got the device since.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        guard let there = try? FileStatus.read(path, follow: false), there.inode == inode else { return }
        _ = path.withPlatformString { unlink($0) }
    }

    private func isAllowed(_ connection: Int32) -> Bool {
        var credentials = folio_peer()
        return folio_socket_peer(connection, &credentials) == 0
            && (credentials.user == 0 || credentials.user == geteuid())
    }

    private func answer(_ connection: Int32) throws(Errno) {
        var lines = ControlSocket.Lines(connection)
        // A caller that says nothing does not keep its place.
        Self.wait(atMost: Self.patience, connection)
        guard let line = try lines.next(),
            let message = ControlMessage.parse(line)
        else { return }
        Self.wait(atMost: 0, connection)
        switch message.command {
        case .end: _ = try lines.next()
        case .status: try ControlSocket.send(status, to: connection)
        case .reload: try ControlSocket.send(filesystem.reload(), to: connection)
        case .restart:
            let answer = RestartAnswer(error: refusesRestart(message.form))
            try ControlSocket.send(answer, to: connection)
            if answer.error == nil { filesystem.session?.handOver() }
        case .route: try ControlSocket.send(route(message.path ?? [], exec: message.exec ?? false), to: connection)
        case .promote:
            let waits = message.waits != false
            // Who does not wait is told that it has been heard.
            if !waits { try ControlSocket.send(PromotionEvent(done: 0), to: connection) }
            var told = 0
            let last = promote(message.path ?? [], waits: waits) { done, total in
                let now = MonotonicClock.milliseconds()
                guard waits, now - told >= Self.pace else { return true }
                told = now
                return (try? ControlSocket.send(PromotionEvent(done: done, total: total), to: connection)) != nil
            }
            if waits { try ControlSocket.send(last, to: connection) }
        }
    }

    /// Why another server cannot take over; nil: it can.
    private func refusesRestart(_ form: String?) -> String? {
        if filesystem.records == nil {
            return "it is not supervised: unmount it and mount it with --supervised"
        }
        if form != MountRecords.formText {
            return
                "this foliofs keeps what is handed on in another form than the one that serves it: unmount and mount again"
        }
        return nil
    }

    /// Bounds the wait for what a caller says, in seconds; 0: not at all.
    private static func wait(atMost seconds: Int, _ connection: Int32) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    private var status: StatusDocument {
        let usage = filesystem.staging?.usage
        let opens = filesystem.firstOpens.withLock { $0 }
        let policy = filesystem.router.live.current.policy
        let promotions = filesystem.promotions.counts
        return StatusDocument(
            mountpoint: mountpoint.string, source: filesystem.options.source.string,
            routes: Dictionary(uniqueKeysWithValues: Route.allCases.map { ($0.rawValue, opens.routes[$0] ?? 0) }),
            configuration: ConfigurationStatus(
                file: policy.configuration, refused: filesystem.reloading.withLock { $0 }),
            rules: policy.rules.rules.map { rule in
                RuleStatus(rule: rule.label.name, place: rule.label.place, opens: opens.rules[rule.label] ?? 0)
            },
            pmdMappedBytes: filesystem.promoted.pmdBytes, stagedBytes: usage?.reserved ?? 0,
            stageLimit: filesystem.staging?.limit ?? 0, staging: stagingStatus(usage),
            promotionsPending: promotions.pending, promotionsWatched: promotions.watched,
            requests: Dictionary(
                uniqueKeysWithValues: (filesystem.session?.requests ?? [:]).map { ($0.key.name, $0.value) }),
            inodes: filesystem.table.count,
            passthrough: filesystem.router.passthroughGranted,
            recovery: RecoveryStatus(
                supervised: filesystem.records != nil, daemons: filesystem.records?.memory.daemons ?? 1),
            watch: filesystem.watcher?.status ?? [],
            counters: filesystem.counters.withLock { counters in
                var shown = Dictionary(
                    uniqueKeysWithValues: Counter.allCases.map { ($0.rawValue, counters[$0] ?? 0) })
                shown["evictions"] = usage?.evictions ?? 0
                for (name, count) in filesystem.watcher?.counts ?? [:] { shown[name] = count }
                return shown
            })
    }

    private func stagingStatus(_ usage: StagingStore.Usage?) -> StagingStatus? {
        usage.map {
            StagingStatus(
                usedBytes: $0.used, copies: $0.copies, openCopies: $0.open, pressure: filesystem.pressure?.names ?? [])
        }
    }

    /// The file's source, opened for reading beneath the root.
    private func open(_ path: [UInt8]) throws(Errno) -> DescriptorOwner {
        let relative = path.isEmpty ? [UInt8(ascii: ".")] : path
        let descriptor = try systemCall {
            (relative.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
                folio_openat2(
                    filesystem.table.mount, $0.baseAddress, UInt64(O_RDONLY | O_CLOEXEC | O_NONBLOCK), 0,
                    UInt64(FOLIO_RESOLVE_BENEATH | FOLIO_RESOLVE_NO_MAGICLINKS))
            }
        }
        return DescriptorOwner(descriptor)
    }

    /// - Parameter progress: called with the bytes done and those there are; false ends it.
    private func promote(_ path: [UInt8], waits: Bool, progress: (Int, Int) -> Bool) -> PromotionEvent {
        let text = mountpoint.string + "/" + String(decoding: path, as: UTF8.self)
        do throws(Errno) {
            let file = try open(path)
            let size = Int(try StagedCopy.status(file.descriptor).st_size)
            let result = try filesystem.promote(file.descriptor, path: path, shown: text, waits: waits) {
                progress($0, size)
            }
            return PromotionEvent(result: result)
        } catch {
            return PromotionEvent(error: "cannot promote \(text): \(error.name)" + Self.advice(error))
        }
    }

    private func route(_ path: [UInt8], exec: Bool) -> RouteAnswer {
        do throws(Errno) {
            let file = try open(path)
            let status = try StagedCopy.status(file.descriptor)
            guard status.st_mode & S_IFMT == S_IFREG else { throw .invalidArgument }
            return RouteAnswer(decision: try filesystem.router.decideInFull(file.descriptor, status, exec: exec))
        } catch {
            let text = mountpoint.string + "/" + String(decoding: path, as: UTF8.self)
            return RouteAnswer(error: "cannot choose a route for \(text): \(error.name)")
        }
    }

    private static func advice(_ errno: Errno) -> String {
        switch errno {
        case .noSpace: "; it does not fit in the staging limit beside what is in use: raise --stage-limit"
        case .noMemory: "; memory is short: try again when there is more, or lower --stage-limit"
        case .textFileBusy: "; it is open for writing: close it first"
        case .resourceBusy: "; it is open with an older copy: close it first"
        case .resourceTemporarilyUnavailable: "; it kept changing: try again when it is at rest"
        default: ""
        }
    }
}
