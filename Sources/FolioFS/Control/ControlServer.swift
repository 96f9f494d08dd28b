import CLinuxShims
import FolioPolicy
import Foundation
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// Answers what the command line asks of a mount; only root and the server's own user are answered.
final class ControlServer: @unchecked Sendable {
    private let filesystem: FolioFilesystem
    private let mountpoint: FilePath
    private let listener: Int32

    /// - Throws: `ServeError` where the socket cannot be had.
    init(_ filesystem: FolioFilesystem, mountpoint: FilePath) throws {
        self.filesystem = filesystem
        self.mountpoint = mountpoint
        guard let mount = try MountTable.read().mounts.last(where: { $0.mountpoint == mountpoint }) else {
            throw ServeError("find the new mount", mountpoint, .noSuchFileOrDirectory, advice: "is /proc mounted?")
        }
        do throws(Errno) {
            listener = try systemCall { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
            let (descriptor, device) = (listener, mount.device.description)
            _ = try ControlSocket.withAddress(device) { address, length in bind(descriptor, address, length) }
            _ = try systemCall { listen(descriptor, 16) }
        } catch {
            throw ServeError("make the control socket of", mountpoint, error, advice: "is it served already?")
        }
    }

    deinit { close(listener) }

    /// Begins to answer, on threads of its own.
    func start() {
        BackgroundThread.run { [self] in
            while let connection = try? systemCall({ accept(listener, nil, nil) }) {
                BackgroundThread.run { [self] in
                    if isAllowed(connection) { try? answer(connection) }
                    close(connection)
                }
            }
        }
    }

    /// Ends the waiting for callers.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func isAllowed(_ connection: Int32) -> Bool {
        var credentials = folio_peer()
        return folio_socket_peer(connection, &credentials) == 0
            && (credentials.user == 0 || credentials.user == geteuid())
    }

    private func answer(_ connection: Int32) throws(Errno) {
        var lines = ControlSocket.Lines(connection)
        guard let line = try lines.next(),
            let message = try? JSONDecoder().decode(ControlMessage.self, from: Data(line))
        else { return }
        switch message.command {
        case .end: _ = try lines.next()
        case .status: try ControlSocket.send(status, to: connection)
        case .promote:
            let last = promote(message.path ?? []) { done in
                (try? ControlSocket.send(PromotionEvent(done: done), to: connection)) != nil
            }
            try ControlSocket.send(last, to: connection)
        }
    }

    private var status: StatusDocument {
        let usage = filesystem.staging?.usage
        return StatusDocument(
            mountpoint: mountpoint.string, source: filesystem.options.source.string,
            routes: filesystem.routes.withLock { routes in
                Dictionary(uniqueKeysWithValues: Route.allCases.map { ($0.rawValue, routes[$0] ?? 0) })
            },
            pmdMappedBytes: filesystem.pmdBytes.withLock { $0.values.reduce(0, +) }, stagedBytes: usage?.bytes ?? 0,
            stageLimit: filesystem.staging?.limit ?? 0, inodes: filesystem.table.count,
            passthrough: filesystem.router.passthroughGranted,
            counters: filesystem.counters.withLock { counters in
                var shown = Dictionary(
                    uniqueKeysWithValues: Counter.allCases.map { ($0.rawValue, counters[$0] ?? 0) })
                shown["evictions"] = usage?.evictions ?? 0
                return shown
            })
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

    private func promote(_ path: [UInt8], progress: @escaping (Int) -> Bool) -> PromotionEvent {
        let text = mountpoint.string + "/" + String(decoding: path, as: UTF8.self)
        do throws(Errno) {
            let file = try open(path)
            let result = try filesystem.promote(file.descriptor, path: path, shown: text, progress: progress)
            return PromotionEvent(result: result)
        } catch {
            return PromotionEvent(error: "cannot promote \(text): \(error.name)" + Self.advice(error))
        }
    }

    private static func advice(_ errno: Errno) -> String {
        switch errno {
        case .noSpace: "; it does not fit in the staging limit beside what is in use: raise --stage-limit"
        case .resourceBusy: "; it is open with an older copy: close it first"
        case .resourceTemporarilyUnavailable: "; it kept changing: try again when it is at rest"
        default: ""
        }
    }
}
