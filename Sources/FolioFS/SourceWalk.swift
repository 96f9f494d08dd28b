import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// The regular files of a tree. Symbolic links are not followed, and what is mounted inside is part of it.
struct SourceWalk {
    private let root: Int32

    /// - Parameter root: a descriptor of the directory, in whatever way it is open.
    init(_ root: Int32) { self.root = root }

    /// Calls `body` with the path below the root of each regular file, and a descriptor that has it open for reading; what cannot be
    /// opened is left out. `body` returns whether to go on.
    func forEachFile(_ body: ([UInt8], Int32) -> Bool) {
        // Directories that have yet to be read, by their paths; none is held open.
        var directories: [[UInt8]] = [[]]
        while let path = directories.popLast() {
            guard let directory = open(path.isEmpty ? [UInt8(ascii: ".")] : path, SourceFlags.directory) else {
                continue
            }
            for entry in Self.entries(directory) {
                let below = path.isEmpty ? entry.name : path + [UInt8(ascii: "/")] + entry.name
                if entry.isDirectory {
                    directories.append(below)
                } else if let file = open(below, SourceFlags.noFollow), !body(below, file.descriptor) {
                    return
                }
            }
        }
    }

    private func open(_ path: [UInt8], _ flags: Int32) -> DescriptorOwner? {
        let descriptor = (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
            folio_openat2(
                root, $0.baseAddress, UInt64(O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags), 0,
                UInt64(FOLIO_RESOLVE_BENEATH | FOLIO_RESOLVE_NO_SYMLINKS))
        }
        return descriptor < 0 ? nil : DescriptorOwner(descriptor)
    }

    private struct Entry {
        let name: [UInt8]
        let isDirectory: Bool
    }

    /// The directories and regular files that a directory holds, in the order of their names.
    private static func entries(_ directory: DescriptorOwner) -> [Entry] {
        guard let stream = fdopendir(directory.take()) else { return [] }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while let entry = readdir(stream) {
            // The name is at byte 19 of struct dirent64.
            let start = (UnsafeRawPointer(entry) + 19).assumingMemoryBound(to: CChar.self)
            var status = stat()
            guard fstatat(dirfd(stream), start, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            let name = UnsafeBufferPointer(start: start, count: strlen(start)).map { UInt8(bitPattern: $0) }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            guard isDirectory || status.st_mode & S_IFMT == S_IFREG, name != Array(".".utf8), name != Array("..".utf8)
            else { continue }
            entries.append(Entry(name: name, isDirectory: isDirectory))
        }
        return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }
}
