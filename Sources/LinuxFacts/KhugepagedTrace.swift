import Glibc
package import SystemPackage

/// How collapses of files end, by the tracepoint `mm_khugepaged_scan_file` in a tracefs instance of its own, removed when it is closed.
///
/// An instance of a process that is gone (killed before it could remove it) is removed by the next one to be made.
package final class KhugepagedTrace {
    private static let prefix = "foliofs-"

    private let directory: FilePath
    private var pipe: Int32
    private var closed = false

    /// An instance under the tracefs mounted at `root`, with the tracepoint on. The others are off: a khugepaged that is in a hurry fills them with
    /// what it sees of anonymous memory faster than anybody reads.
    /// - Throws: where tracefs is not mounted (ENOENT) or the caller is not root (EACCES).
    package init(root: FilePath = "/sys/kernel/tracing") throws(LinuxError) {
        let instances = root.appending("instances")
        Self.removeStale(instances)
        directory = instances.appending("\(Self.prefix)\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
        pipe = -1
        do {
            _ = try systemCall { directory.withPlatformString { mkdir($0, 0o700) } }
        } catch {
            let advice =
                switch error {
                case .noSuchFileOrDirectory: "mount tracefs: mount -t tracefs tracefs \(root)"
                default: "run it as root"
                }
            throw LinuxError("make the trace instance", directory, error, advice: advice)
        }
        do throws(Errno) {
            try Self.write("1", directory.appending("events/huge_memory/\(CollapseTraceRecord.event)/enable"))
            let path = directory.appending("trace_pipe")
            pipe = try systemCall { path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) } }
        } catch {
            closed = true
            _ = directory.withPlatformString { rmdir($0) }
            throw LinuxError("switch on \(CollapseTraceRecord.event) in", directory, error)
        }
    }

    deinit { close() }

    /// What was traced since the last call.
    package func drain() -> [CollapseTraceRecord] {
        guard !closed else { return [] }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while let got = try? systemCall({ read(pipe, &piece, piece.count) }), got > 0 {
            text += piece[..<got]
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap {
            CollapseTraceRecord.parse($0)
        }
    }

    /// How the last collapse of a file that this program ran since the last call ended, as printed; nil: there was none.
    package func drainOwn() -> String? { drain().last { $0.threadName == Self.ownName }?.result }

    /// What the threads of this program are called that have no name of their own.
    package static let ownName =
        (try? TextFile.read("/proc/self/comm"))?.split(separator: "\n").first.map(String.init) ?? ""

    /// Switches the tracepoint off and removes the instance.
    package func close() {
        guard !closed else { return }
        closed = true
        _ = Glibc.close(pipe)
        // The directory is busy for as long as an event of it is being written.
        for _ in 0..<50 where directory.withPlatformString({ rmdir($0) }) != 0 && errno == EBUSY { usleep(10_000) }
    }

    private static func write(_ text: String, _ path: FilePath) throws(Errno) {
        let descriptor = try systemCall { path.withPlatformString { open($0, O_WRONLY | O_CLOEXEC) } }
        defer { _ = Glibc.close(descriptor) }
        let bytes = Array(text.utf8)
        _ = try systemCall { Glibc.write(descriptor, bytes, bytes.count) }
    }

    /// Removes instances whose process is gone.
    private static func removeStale(_ instances: FilePath) {
        guard let listing = instances.withPlatformString({ opendir($0) }) else { return }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = String(cString: UnsafeRawPointer(entry).advanced(by: 19).assumingMemoryBound(to: CChar.self))
            guard name.hasPrefix(prefix) else { continue }
            let owner = name.dropFirst(prefix.count).prefix { $0.isNumber }
            guard let process = Int32(owner), process > 0, kill(process, 0) == -1, errno == ESRCH else { continue }
            _ = instances.appending(name).withPlatformString { rmdir($0) }
        }
    }
}
