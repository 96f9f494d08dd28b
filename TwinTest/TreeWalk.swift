import CLinuxShims
import Glibc

/// Everything that can be read of a tree, one line for each name, in the order of their bytes.
struct TreeWalk {
    struct Line {
        /// What two trees of the same history have in common.
        let common: String
        /// And what only a mount and its source have: inode numbers, blocks, times.
        let exact: String
    }

    private(set) var lines: [Line] = []
    private var firstNames: [UInt: Int] = [:]
    private let world: World
    private let mapped: MappedInodes
    private let leavesAccessTimes: Bool
    private let now = time(nil)
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)

    /// Walks the tree beneath an open directory.
    ///
    /// - Parameter leavesAccessTimes: whether reading it is not to be seen: of reads beneath the mount nobody is told.
    static func lines(
        _ directory: Int32, _ world: World, _ mapped: MappedInodes, leavesAccessTimes: Bool = false
    ) -> [Line] {
        var walk = TreeWalk(world, mapped, leavesAccessTimes: leavesAccessTimes)
        defer { walk.buffer.deallocate() }
        walk.walk(directory, path: .none)
        return walk.lines
    }

    private init(_ world: World, _ mapped: MappedInodes, leavesAccessTimes: Bool) {
        self.leavesAccessTimes = leavesAccessTimes
        self.world = world
        self.mapped = mapped
    }

    private mutating func walk(_ directory: Int32, path: Name) {
        for name in Self.names(directory) {
            let shown = path.appending(name)
            let reach = Name("/proc/self/fd/\(directory)").appending(name)
            var status = stat()
            guard fstatat(directory, name.bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                let line = "\(shown) cannot be looked at: \(errno)"
                lines.append(Line(common: line, exact: line))
                continue
            }
            // Reading may move the access time: each file is read by one of its names.
            let isRead = status.st_mode & S_IFMT == S_IFREG && firstNames[status.st_ino] == nil
            let content = isRead ? " content " + content(reach) : ""
            _ = fstatat(directory, name.bytes, &status, AT_SYMLINK_NOFOLLOW)
            add(shown, reach, status, content)
            guard status.st_mode & S_IFMT == S_IFDIR else { continue }
            let inner = openat(
                directory, name.bytes,
                O_RDONLY | OpenFlags.directory | OpenFlags.noFollow | O_CLOEXEC)
            guard inner >= 0 else {
                let line = "\(shown) cannot be listed: \(errno)"
                lines.append(Line(common: line, exact: line))
                continue
            }
            walk(inner, path: shown)
            close(inner)
        }
    }

    private mutating func add(_ shown: Name, _ reach: Name, _ status: stat, _ content: String) {
        var line =
            "\(shown) 0\(String(status.st_mode, radix: 8)) n\(status.st_nlink) u\(status.st_uid) g\(status.st_gid)"
        let type = status.st_mode & S_IFMT
        let hasTimes = !mapped.isStoredTo(status.st_ino)
        line +=
            " s\(status.st_size) d\(status.st_rdev)"
            + (hasTimes && [S_IFREG, S_IFDIR, S_IFLNK].contains(type) ? " m\(shownTime(status.st_mtim))" : "")
        if world.comparesAccessTime, hasTimes, type == S_IFREG { line += " a\(shownTime(status.st_atim))" }
        if status.st_nlink > 1, type != S_IFDIR {
            if let first = firstNames[status.st_ino] {
                line += " same as \(first)"
            } else {
                firstNames[status.st_ino] = lines.count
            }
        }
        if type == S_IFLNK { line += " -> " + readTarget(reach) }
        line += attributes(reach)
        line += content
        var exact =
            line + " ino\(status.st_ino)"
            + (world.comparesBlocks && !mapped.isMapped(status.st_ino) ? " b\(status.st_blocks)" : "")
        if hasTimes {
            exact += " m\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
            exact += " c\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
        }
        // It was looked at when the file was read by its first name.
        if world.comparesAccessTime, hasTimes, type == S_IFREG, !content.isEmpty {
            exact += " a\(status.st_atim.tv_sec).\(status.st_atim.tv_nsec)"
        }
        lines.append(Line(common: line, exact: exact))
    }

    private func shownTime(_ time: timespec) -> String {
        abs(time.tv_sec - now) > 43200 ? "\(time.tv_sec).\(time.tv_nsec)" : "now"
    }

    private func readTarget(_ reach: Name) -> String {
        let count = readlink(reach.bytes, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), 4096)
        return count < 0 ? "!\(errno)" : Name.shown(Array(buffer[..<count]))
    }

    private func attributes(_ reach: Name) -> String {
        let count = llistxattr(reach.bytes, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), 65536)
        guard count != 0 else { return "" }
        guard count > 0 else { return " xattrs !\(errno)" }
        var text = ""
        let names = buffer[..<count].split(separator: 0).map { Name(Array($0)) }
        for name in names.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            let size = lgetxattr(reach.bytes, name.bytes, buffer.baseAddress, 65536)
            text += " \(name)="
            text +=
                size < 0
                ? "!\(errno)"
                : "\(size):" + String(Digest.of(UnsafeRawBufferPointer(rebasing: buffer[..<size])), radix: 16)
        }
        return text
    }

    /// The digest of every page that is not zeroes, with its offset: the same wherever the holes are.
    private func content(_ reach: Name) -> String {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | OpenFlags.noFollow
        let file = open(reach.bytes, leavesAccessTimes ? flags | OpenFlags.noAccessTime : flags)
        guard file >= 0 else { return "!\(errno)" }
        defer { close(file) }
        // Whether there is data depends on when was written back, and with it whether the access time moves.
        _ = pread(file, buffer.baseAddress!, 1, 0)
        var sum: UInt64 = 0
        var at: Int = 0
        while true {
            let data = lseek(file, at, 3)
            guard data >= 0 else { return errno == ENXIO ? String(sum, radix: 16) : "!\(errno)" }
            at = data & ~4095
            let count = pread(file, buffer.baseAddress!, buffer.count, at)
            guard count > 0 else { return count == 0 ? String(sum, radix: 16) : "!\(errno)" }
            for start in stride(from: 0, to: count, by: 4096) {
                let page = UnsafeRawBufferPointer(rebasing: buffer[start..<min(start + 4096, count)])
                guard page.contains(where: { $0 != 0 }) else { continue }
                sum = Digest.combine(Digest.combine(sum, UInt64(at + start)), Digest.of(page))
            }
            at += count
        }
    }

    /// The names in a directory, sorted; "." and ".." left out.
    static func names(_ directory: Int32) -> [Name] {
        var names: [Name] = []
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
        defer { room.deallocate() }
        lseek(directory, 0, SEEK_SET)
        while true {
            let count = folio_read_directory(directory, room.baseAddress, room.count)
            guard count > 0 else { break }
            var at = 0
            while at < count {
                let header = (room.baseAddress! + at).loadUnaligned(as: folio_directory_entry.self)
                let text = (room.baseAddress! + at + 19).assumingMemoryBound(to: CChar.self)
                let name = Name(terminated: Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1)))
                if name != Name("."), name != Name("..") { names.append(name) }
                at += Int(header.length)
            }
        }
        return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }
}

extension Executor {
    /// Writes the whole tree down, and where mount and source differ.
    func compareTree() {
        let directory = Glibc.open(".", O_RDONLY | O_CLOEXEC | OpenFlags.directory)
        guard directory >= 0 else { return record.put(result: -1) }
        defer { Glibc.close(directory) }
        if world.kind == .mount { _ = folio_synchronize_filesystem(directory) }
        let lines = TreeWalk.lines(directory, world, mapped)
        for line in lines {
            record.put("\n")
            record.put(bytes: Array(line.common.utf8))
        }
        guard world.kind == .mount else { return }
        let beneath = openat(source, ".", O_RDONLY | O_CLOEXEC | OpenFlags.directory)
        guard beneath >= 0 else { return record.put(result: -1) }
        defer { Glibc.close(beneath) }
        let wanted = TreeWalk.lines(beneath, world, mapped, leavesAccessTimes: true)
        for difference in Self.differences(lines.map(\.exact), wanted.map(\.exact), "source") {
            record.put("\n  MOUNT AND SOURCE DIFFER ")
            record.put(bytes: Array(difference.utf8))
        }
    }

    /// The lines that only one of two listings has.
    static func differences(_ mine: [String], _ theirs: [String], _ other: String) -> [String] {
        guard mine != theirs else { return [] }
        let (here, there) = (Set(mine), Set(theirs))
        return mine.filter { !there.contains($0) }.map { "mount: " + $0 }
            + theirs.filter { !here.contains($0) }.map { "\(other): " + $0 }
    }
}
