import Glibc

/// Where metrics are to be had: a socket of the file system, or a port of this machine that others cannot reach.
enum MetricsAddress: Equatable {
    case file(String)
    case version4(UInt32, port: UInt16)
    case version6Loopback(port: UInt16)

    /// From `unix:PATH`, `127.0.0.1:PORT` or `[::1]:PORT`; nil: it is none of those.
    init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard path.hasPrefix("/"), path.utf8.count < 108 else { return nil }
            self = .file(path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        let host = String(text[..<colon])
        if host == "[::1]" {
            self = .version6Loopback(port: port)
            return
        }
        var address = in_addr()
        // 127.0.0.0/8 is this machine alone.
        guard inet_pton(AF_INET, host, &address) == 1, UInt32(bigEndian: address.s_addr) >> 24 == 127 else {
            return nil
        }
        self = .version4(address.s_addr, port: port)
    }
}
