import Glibc
import LinuxFacts
import SystemPackage

/// What an open file description has locked, as the kernel says in /proc/self/fdinfo (proc_pid_fdinfo(5)).
enum HeldLocks {
    /// The record locks of the open file behind a descriptor.
    static func ranges(_ descriptor: Int32) -> LockRanges {
        parse((try? TextFile.read(FilePath("/proc/self/fdinfo/\(descriptor)"))) ?? "")
    }

    /// From lines like `lock:	1: OFDLCK ADVISORY WRITE -1 08:01:42 0 EOF`.
    static func parse(_ text: String) -> LockRanges {
        var ranges = LockRanges()
        for line in text.split(separator: "\n") where line.hasPrefix("lock:") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 9, words[2] == "OFDLCK", let start = Int64(words[7]) else { continue }
            let length = words[8] == "EOF" ? 0 : Int64(words[8]).map { $0 - start + 1 }
            guard let length else { continue }
            ranges.set(Int16(words[4] == "WRITE" ? F_WRLCK : F_RDLCK), start: start, length: length)
        }
        return ranges
    }
}
