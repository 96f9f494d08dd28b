import Glibc
import LinuxFacts
import SystemPackage

/// How much memory a copy may still take without pressing anybody: less than the system or the server's own control group has
/// left.
package enum MemoryHeadroom {
    /// What is left alone, as a share of the whole: 1/16.
    static let margin = 16

    /// Bytes that may still be taken; negative: that much is too little.
    package static func bytes() -> Int {
        var least = Int.max
        if let text = try? TextFile.read("/proc/meminfo"), let total = field("MemTotal", text),
            let available = field("MemAvailable", text)
        {
            least = available - total / margin
        }
        for level in MemoryControlGroup.own?.levels() ?? [] {
            // Page cache gives way, of what is in active use half at best.
            least = min(
                least, level.limit - level.usage + level.inactiveFile + level.activeFile / 2 - level.limit / margin)
        }
        return least
    }

    /// - Throws: `.pressure` where there is not so much left.
    static func require(_ size: Int) throws(StagingRefusal) {
        if bytes() < size { throw .pressure }
    }

    private static func field(_ name: String, _ text: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix(name + ":") }?
            .split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
