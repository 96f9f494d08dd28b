import Glibc
import LinuxFacts
import SystemPackage

/// Answers HTTP requests for metrics, one after another: `GET /metrics`.
struct MetricsServer {
    /// A caller says what it wants within this time and in so many bytes, or is sent away.
    private static let (patience, longestRequest) = (2, 8192)
    private let listener: Int32

    /// Listens.
    /// - Throws: what the system says, EADDRINUSE where somebody else does.
    init(_ address: MetricsAddress) throws(Errno) {
        let (family, bytes) = Self.bytes(of: address)
        listener = try systemCall { socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        if case .file(let path) = address { Self.removeLeft(path) }
        _ = try systemCall {
            bytes.withUnsafeBytes { buffer in
                bind(listener, buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(buffer.count))
            }
        }
        _ = try systemCall { listen(listener, 16) }
    }

    /// Answers until the process ends.
    ///
    /// - Parameter metrics: the text of an answer.
    func serve(_ metrics: () -> String) -> Never {
        while true {
            let caller = accept(listener, nil, nil)
            guard caller >= 0 else { continue }
            defer { close(caller) }
            var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
            setsockopt(caller, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(caller, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            guard let request = Self.request(caller) else { continue }
            let answer = MetricsRequest.answer(request, metrics)
            let bytes = Array(answer.utf8)
            bytes.withUnsafeBufferPointer { Terminal.write($0, caller) }
        }
    }

    /// Everything up to the empty line that ends a request's head; nil: the caller has not said so much.
    private static func request(_ caller: Int32) -> [UInt8]? {
        var said: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 2048)
        while said.count < longestRequest {
            let count = recv(caller, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            said += piece[..<count]
            if said.contains([0x0d, 0x0a, 0x0d, 0x0a]) || said.contains([0x0a, 0x0a]) { return said }
        }
        return nil
    }

    /// Removes a socket that a server before has left; what is no socket stays, and makes bind(2) fail.
    private static func removeLeft(_ path: String) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
    }

    private static func bytes(of address: MetricsAddress) -> (family: Int32, [UInt8]) {
        switch address {
        case .file(let path):
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
            return (AF_UNIX, withUnsafeBytes(of: name) { Array($0) })
        case .version4(let host, let port):
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port.bigEndian
            name.sin_addr.s_addr = host
            return (AF_INET, withUnsafeBytes(of: name) { Array($0) })
        case .version6Loopback(let port):
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = port.bigEndian
            name.sin6_addr = in6addr_loopback
            return (AF_INET6, withUnsafeBytes(of: name) { Array($0) })
        }
    }
}
