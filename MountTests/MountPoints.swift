import Glibc

/// /proc/self/mountinfo, as far as the tests need it (proc_pid_mountinfo(5)).
struct MountPoint {
    let minor: String
    let path: String
    let type: String
    let source: String

    static func all() -> [MountPoint] {
        guard let text = readText("/proc/self/mountinfo") else { return [] }
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let dash = words.firstIndex(of: "-"), dash >= 6, words.count > dash + 2 else { return nil }
            return MountPoint(
                minor: String(words[2].split(separator: ":").last ?? ""), path: unescaped(words[4]),
                type: words[dash + 1], source: unescaped(words[dash + 2]))
        }
    }

    /// What is mounted there, topmost.
    static func at(_ path: String) -> MountPoint? { all().last { $0.path == path } }

    /// Waits until the mount table changes or `seconds` are over (a poll of mountinfo, proc_pid_mountinfo(5)).
    static func waitForChange(seconds: Double) {
        let table = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        guard table >= 0 else { return }
        defer { close(table) }
        var wanted = pollfd(fd: table, events: Int16(POLLPRI), revents: 0)
        poll(&wanted, 1, Int32(seconds * 1000))
    }

    /// Ends the FUSE connection behind this mount: whoever waits on it gets ENOTCONN.
    func abortConnection() {
        guard type.hasPrefix("fuse") else { return }
        let file = open("/sys/fs/fuse/connections/\(minor)/abort", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, "1", 1)
        close(file)
    }

    private static func unescaped(_ word: String) -> String {
        guard word.contains("\\") else { return word }
        var result: [UInt8] = []
        let bytes = Array(word.utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), index + 3 < bytes.count,
                let value = UInt8(String(decoding: bytes[(index + 1)...(index + 3)], as: UTF8.self), radix: 8)
            {
                result.append(value)
                index += 4
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// The whole of a small file, or nil.
func readText(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { break }
        bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// Whether anything is there, symbolic links followed.
func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
