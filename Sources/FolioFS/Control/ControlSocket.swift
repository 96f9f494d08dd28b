import Foundation
import Glibc
import LinuxFacts
package import SystemPackage

/// The socket by which a mount is asked: an abstract one (unix(7)), named by the mount's device, that vanishes with the
/// server. One JSON document is one line.
package enum ControlSocket {
    /// Asks the mount of `device` (`major:minor` of its mountinfo line) and hands every answer to `each`, until that
    /// returns false.
    ///
    /// - Throws: ECONNREFUSED where nobody serves the mount; EPROTO where the answer is not understood.
    package static func ask<Answer: Decodable>(
        _ device: String, _ message: ControlMessage, _ each: (Answer) -> Bool
    ) throws(Errno) {
        let descriptor = try systemCall { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
        defer { close(descriptor) }
        _ = try withAddress(device) { address, length in connect(descriptor, address, length) }
        try send(message, to: descriptor)
        shutdown(descriptor, Int32(SHUT_WR))
        var lines = Lines(descriptor)
        while let line = try lines.next() {
            guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(line)) else {
                throw Errno(rawValue: EPROTO)
            }
            guard each(answer) else { return }
        }
    }

    /// A connection to the mount of `device` that ends when its server does; nil: nobody serves it, or not this caller.
    package static func watch(_ device: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        do throws(Errno) {
            _ = try withAddress(device) { address, length in connect(descriptor, address, length) }
            try send(ControlMessage(.end), to: descriptor)
            return descriptor
        } catch {
            close(descriptor)
            return nil
        }
    }

    /// Waits until the server of a watched mount has ended, at most `seconds`, and closes the connection.
    package static func awaitEnd(_ descriptor: Int32, seconds: Int32) {
        defer { close(descriptor) }
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&event, 1, seconds * 1000)
    }

    /// Calls `call` with the address of a mount's socket.
    static func withAddress(
        _ device: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(Errno) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array("foliofs/\(device)".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0[1...].copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.count)
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

    /// The lines that come from a socket.
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
                let count = try systemCall { recv(descriptor, &piece, piece.count, 0) }
                ended = count == 0
                buffered += piece[..<count]
            }
        }
    }
}
