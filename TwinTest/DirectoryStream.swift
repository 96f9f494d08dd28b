import Glibc

/// A directory stream, what it has given so far, and what was there when it began.
final class DirectoryStream {
    let stream: OpaquePointer
    let path: Name
    /// The operation that opened it.
    let began: Int
    /// Names with their inode numbers when it was opened, listed on their own.
    let before: [Name: UInt]
    /// Where each entry begins, and its name.
    var given: [(position: Int, name: Name)] = []

    init?(_ path: Name, began: Int) {
        guard let stream = opendir(path.bytes) else { return nil }
        self.stream = stream
        self.path = path
        self.began = began
        before = Self.list(path)
    }

    deinit { closedir(stream) }

    /// The next entry's name, "." and ".." among them; nil: the end.
    func next() -> (name: Name, inode: UInt, type: UInt8)? {
        let position = telldir(stream)
        guard let entry = readdir(stream) else { return nil }
        let raw = UnsafeRawPointer(entry)
        let name = Name(terminated: Self.bytes(raw + 19))
        given.append((position, name))
        return (name, entry.pointee.d_ino, entry.pointee.d_type)
    }

    /// Goes back to where the entry numbered `number` came from; false: nothing was given yet.
    func seek(to number: Int) -> Bool {
        guard !given.isEmpty else { return false }
        let number = number % given.count
        seekdir(stream, given[number].position)
        given.removeSubrange(number...)
        return true
    }

    /// The names of a directory with their inode numbers; empty where it cannot be read.
    static func list(_ path: Name) -> [Name: UInt] {
        var result: [Name: UInt] = [:]
        guard let stream = opendir(path.bytes) else { return [:] }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            result[Name(terminated: bytes(UnsafeRawPointer(entry) + 19))] = entry.pointee.d_ino
        }
        return result
    }

    private static func bytes(_ start: UnsafeRawPointer) -> [CChar] {
        let text = start.assumingMemoryBound(to: CChar.self)
        return Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1))
    }
}
