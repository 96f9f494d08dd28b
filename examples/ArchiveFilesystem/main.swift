import FuseServer
import Glibc
import SystemPackage

func complain(_ line: String) { _ = try? FileDescriptor.standardError.writeAll((line + "\n").utf8) }

/// Mounts a tar archive to be read: `ArchiveFilesystem ARCHIVE MOUNTPOINT`, until Ctrl-C or fusermount3 -u.
func serve() -> Int32 {
    guard CommandLine.arguments.count == 3 else {
        complain("usage: ArchiveFilesystem ARCHIVE MOUNTPOINT")
        return 2
    }
    let (path, mountpoint) = (CommandLine.arguments[1], CommandLine.arguments[2])
    do {
        let archive = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        let options = SessionOptions(
            source: path, type: "archive", mountOptions: ["default_permissions", "ro"],
            wanted: [.asyncRead, .parallelDirectoryOperations, .cacheSymbolicLinks])
        try FuseSession(ArchiveFilesystem(archive, TarArchive(archive)), on: mountpoint, options).run()
        return 0
    } catch {
        complain("ArchiveFilesystem: \(path): \(error)")
        return 1
    }
}

exit(serve())
