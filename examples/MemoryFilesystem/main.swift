import FuseServer
import Glibc
import SystemPackage

func complain(_ line: String) { _ = try? FileDescriptor.standardError.writeAll((line + "\n").utf8) }

/// Mounts an empty filesystem that lives in memory: `MemoryFilesystem MOUNTPOINT`, until Ctrl-C or fusermount3 -u.
func serve() -> Int32 {
    guard CommandLine.arguments.count == 2 else {
        complain("usage: MemoryFilesystem MOUNTPOINT")
        return 2
    }
    let options = SessionOptions(
        source: "memory", type: "memory", mountOptions: ["default_permissions"],
        wanted: [.asyncRead, .parallelDirectoryOperations])
    do {
        try FuseSession(MemoryFilesystem(), on: CommandLine.arguments[1], options).run()
        return 0
    } catch {
        complain("MemoryFilesystem: \(error)")
        return 1
    }
}

exit(serve())
