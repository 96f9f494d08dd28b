import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// A file that is probed: one made for the purpose, which goes with it, or one that is there on a filesystem that cannot be
/// written.
final class ProbeFile {
    /// Where it is.
    let path: FilePath
    /// Bytes of it that are looked at, a multiple of the PMD size.
    let size: Int
    /// Whether it was made here.
    let isOwn: Bool
    private let geometry: PageGeometry

    /// PMD chunks of a file that is made here.
    static let chunks = 4
    /// Directory entries that are looked at for a file that is large enough.
    private static let entryLimit = 100_000

    /// Makes a file in `directory`, or finds one below it.
    /// - Throws: `Unavailable` where there is neither.
    init(in directory: FilePath, geometry: PageGeometry) throws {
        self.geometry = geometry
        var template = Array((directory.string + "/.foliofs-probe-XXXXXX").utf8CString)
        let made = mkstemp(&template)
        if made >= 0 {
            close(made)
            path = FilePath(platformString: template)
            size = Self.chunks * geometry.pmdSize
            isOwn = true
            return
        }
        let failure = Errno(rawValue: errno)
        guard [.readOnlyFileSystem, .permissionDenied, .notPermitted, .notSupported].contains(failure) else {
            throw LinuxError("make a file in", directory, failure)
        }
        guard let found = Self.largest(below: directory), found.size >= geometry.pmdSize else {
            let wanted = Self.chunks * geometry.pmdSize
            throw LinuxError(
                "probe", directory, failure,
                advice: "it cannot be written, and holds no file of \(geometry.pmdSize) bytes; give it one of \(wanted)"
            )
        }
        path = found.path
        size = min(found.size / geometry.pmdSize, Self.chunks) * geometry.pmdSize
        isOwn = false
    }

    deinit { if isOwn { _ = path.withPlatformString { unlink($0) } } }

    /// Opens it for reading.
    func open() throws(Errno) -> FileDescriptor {
        FileDescriptor(
            rawValue: try systemCall { path.withPlatformString { Glibc.open($0, O_RDONLY | O_CLOEXEC) } })
    }

    /// Writes its content anew, `piece` bytes at a time; it is another file afterwards, of which nothing is cached but
    /// what that left. It comes back open for reading and writing: some filesystems write back when it is closed.
    func write(piece: Int) throws(Errno) -> FileDescriptor {
        let file = try make()
        do throws(Errno) {
            var done = 0
            while done < size {
                let bytes = Content.bytes(done, min(piece, size - done), size: size)
                let count = try systemCall { pwrite(file.rawValue, bytes, bytes.count, off_t(done)) }
                guard count > 0 else { throw .noSpace }
                done += count
            }
        } catch {
            try? file.close()
            throw error
        }
        return file
    }

    /// Another file in its place, empty.
    private func make() throws(Errno) -> FileDescriptor {
        _ = try systemCall { path.withPlatformString { unlink($0) } }
        return FileDescriptor(
            rawValue: try systemCall {
                path.withPlatformString { Glibc.open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o755) }
            })
    }

    /// Has nothing of it in the page cache: it is dropped, or where that cannot be the file becomes a hole.
    func empty() throws(Errno) {
        if isOwn {
            let file = try write(piece: 64 << 10)
            try? file.close()
        }
        if try drop() { return }
        guard isOwn else { return }
        let file = try make()
        defer { try? file.close() }
        _ = try systemCall { ftruncate(file.rawValue, off_t(size)) }
    }

    /// Whether nothing is cached any more; a page that a per-CPU batch still holds goes at the second or third try.
    private func drop() throws(Errno) -> Bool {
        let file = try open()
        defer { try? file.close() }
        for attempt in 0..<20 {
            if isOwn { _ = try? systemCall { fsync(file.rawValue) } }
            posix_fadvise(file.rawValue, 0, 0, POSIX_FADV_DONTNEED)
            let present = try CacheResidency.presence(file, length: size)
            if present.allSatisfy({ !$0 }) { return true }
            // A page cache that is the only place of its bytes keeps them all, however often it is asked.
            if attempt > 2, present.allSatisfy({ $0 }) { return false }
            usleep(2_000)
        }
        return false
    }

    private static func largest(below directory: FilePath) -> (path: FilePath, size: Int)? {
        var best: (path: FilePath, size: Int)?
        var left = [directory]
        var seen = 0
        while let next = left.popLast(), seen < entryLimit {
            guard let stream = next.withPlatformString({ opendir($0) }) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream), seen < entryLimit {
                seen += 1
                // Read in place: as a value it would be cut to the size that the header declares.
                let start = UnsafeRawPointer(entry) + 19
                let name = String(cString: start.assumingMemoryBound(to: CChar.self))
                guard name != ".", name != ".." else { continue }
                let path = next.appending(name)
                guard let status = try? FileStatus.read(path, follow: false) else { continue }
                if status.isDirectory { left.append(path) }
                guard status.isRegular, status.size > best?.size ?? 0, access(path.string, R_OK) == 0 else { continue }
                best = (path, status.size)
            }
        }
        return best
    }
}
