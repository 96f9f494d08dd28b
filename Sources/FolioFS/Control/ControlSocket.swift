import CLinuxShims
import Foundation
import Glibc
package import LinuxFacts
package import SystemPackage

/// The socket by which a mount is asked: named by the mount's device, in a directory that only the user who serves can enter
/// (`ControlPlace`). One JSON document is one line.
package enum ControlSocket {
    /// Asks the server of a mount and hands every answer to `each`, until that returns false.
    ///
    /// - Throws: ECONNREFUSED and ENOENT where nobody serves the mount; EACCES where another user does; EPERM where the socket
    ///   is not of the user who mounted; EPROTO where the answer is not understood.
    package static func ask<Answer: Decodable>(
        _ mount: Mount, _ message: ControlMessage, _ each: (Answer) -> Bool
    ) throws(Errno) {
        let server = try connected(to: mount)
        try send(message, to: server.descriptor)
        shutdown(server.descriptor, Int32(SHUT_WR))
        var lines = Lines(server.descriptor)
        while let line = try lines.next() {
            guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(line)) else {
                throw Errno(rawValue: EPROTO)
            }
            guard each(answer) else { return }
        }
    }

    /// A connection to the server of a mount that ends when it does; nil: nobody serves it, or not this caller.
    package static func watch(_ mount: Mount) -> Int32? {
        guard let server = try? connected(to: mount), (try? send(ControlMessage(.end), to: server.descriptor)) != nil
        else { return nil }
        return server.take()
    }

    /// A connection to the server of a mount, which is that of the user who mounted it.
    private static func connected(to mount: Mount) throws(Errno) -> DescriptorOwner {
        let place = ControlPlace(of: mount)
        let server = DescriptorOwner(try make())
        _ = try withAddress(place.socket(mount.device)) { connect(server.descriptor, $0, $1) }
        var peer = folio_peer()
        _ = try systemCall { folio_socket_peer(server.descriptor, &peer) }
        guard peer.user == place.owner || peer.user == 0 else { throw .notPermitted }
        return server
    }

    /// A socket of the kind.
    static func make() throws(Errno) -> Int32 {
        try systemCall { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
    }

    /// Waits until the server of a watched mount has ended, at most `seconds`, and closes the connection.
    package static func awaitEnd(_ descriptor: Int32, seconds: Int32) {
        defer { close(descriptor) }
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&event, 1, seconds * 1000)
    }

    /// Calls `call` with the address of the socket at a path.
    /// - Throws: what `call` says; ENAMETOOLONG.
    static func withAddress(
        _ path: FilePath, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(Errno) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.string.utf8) + [0]
        guard name.count <= MemoryLayout.size(ofValue: address.sun_path) else { throw .fileNameTooLong }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        return try systemCall {
            withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, length) }
            }
        }
    }

    /// Sends one document.
    static func send(_ document: some Encodable, to descriptor: Int32) throws(Errno) {
        guard let data = try? JSONEncoder().encode(document) else { throw .invalidArgument }
        let bytes = [UInt8](data) + [UInt8(ascii: "\n")]
        var done = 0
        while done < bytes.count {
            done += try systemCall {
                bytes.withUnsafeBytes { buffer in
                    Glibc.send(
                        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
                        Int32(MSG_NOSIGNAL))
                }
            }
        }
    }

    /// The lines that come from a socket or a pipe.
    struct Lines {
        private let descriptor: Int32
        private var buffered: [UInt8] = []
        private var ended = false

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        /// The next line without its end; nil: there are no more.
        mutating func next() throws(Errno) -> [UInt8]? {
            while true {
                if let end = buffered.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { buffered.removeSubrange(...end) }
                    return Array(buffered[..<end])
                }
                guard !ended, buffered.count < 1 << 20 else { return nil }
                var piece = [UInt8](repeating: 0, count: 4096)
                let count = try systemCall { read(descriptor, &piece, piece.count) }
                ended = count == 0
                buffered += piece[..<count]
            }
        }
    }
}
