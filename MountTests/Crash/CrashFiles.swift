import Glibc

/// The open files of a writer, and the calls that make a version.
final class CrashFiles {
    /// A call that failed.
    struct CallFailure: Error, CustomStringConvertible {
        let call: String
        let errno: Int32
        var description: String { "\(call): \(String(cString: strerror(errno)))" }
        /// Whether it failed because nobody serves the mount, or it is out of the tree already.
        var saysServerIsGone: Bool {
            [ENOTCONN, ECONNABORTED, ECONNREFUSED, ENODEV].contains(errno)
                || (errno == ENOENT && call == "open directory")
        }
    }

    private let path: String
    private var directory: Int32 = -1
    private var record: Int32 = -1
    private var mapped: Int32 = -1
    private var appended: Int32 = -1
    /// The last file made, until it is synchronized.
    private var made: Int32 = -1
    private var memory: UnsafeMutableRawPointer?
    private static let mappedSize = 32 * CrashSlot.recordSize

    init(_ path: String, maps: Bool) throws {
        self.path = path
        directory = try call("open directory") { open(path, O_RDONLY | O_CLOEXEC) }
        record = try call("open record") { openat(directory, "record", O_RDWR | O_CLOEXEC) }
        appended = try call("open appended") { openat(directory, "appended", O_WRONLY | O_APPEND | O_CLOEXEC) }
        guard maps else { return }
        mapped = try call("open mapped") { openat(directory, "mapped", O_RDWR | O_CLOEXEC) }
        let memory = mmap(nil, Self.mappedSize, PROT_READ | PROT_WRITE, MAP_SHARED, mapped, 0)
        guard let memory, memory != MAP_FAILED else { throw CallFailure(call: "mmap", errno: errno) }
        self.memory = memory
    }

    deinit {
        if let memory { munmap(memory, Self.mappedSize) }
        for file in [directory, record, mapped, appended, made] where file >= 0 { close(file) }
    }

    @discardableResult
    private func call(_ name: String, _ body: () -> Int32) throws -> Int32 {
        while true {
            let result = body()
            if result >= 0 { return result }
            if errno != EINTR { throw CallFailure(call: name, errno: errno) }
        }
    }

    private func write(_ bytes: [UInt8], _ body: (UnsafeRawPointer?, Int) -> Int) throws {
        let count = bytes.withUnsafeBytes { body($0.baseAddress, $0.count) }
        guard count >= 0 else { throw CallFailure(call: "write", errno: errno) }
        guard count == bytes.count else { throw Failure("a write of \(bytes.count) bytes wrote \(count)") }
    }

    /// Makes the version, not yet durable.
    func change(_ slot: CrashSlot, to version: Int) throws {
        let content = slot.content(version)
        let place = slot.index * CrashSlot.recordSize
        switch slot.kind {
        case .record: try write(content) { pwrite(record, $0, $1, off_t(place)) }
        case .mapped:
            content.withUnsafeBytes { bytes in
                if let memory, let start = bytes.baseAddress { memcpy(memory + place, start, bytes.count) }
            }
        case .appended: try write(content) { Glibc.write(appended, $0, $1) }
        case .replaced:
            try make("new\(slot.index)", O_TRUNC, content)
            try synchronizeMade()
            try call("rename") { renameat(directory, "new\(slot.index)", directory, slot.name(version)) }
        case .toggled:
            if version % 2 == 1 {
                try make(slot.name(version), O_EXCL, content)
            } else {
                try call("unlink") { unlinkat(directory, slot.name(version), 0) }
            }
        case .moved:
            try call("rename directory") {
                renameat(directory, slot.name(version - 1), directory, slot.name(version))
            }
        }
    }

    /// Makes it durable.
    func synchronize(_ slot: CrashSlot, _ version: Int) throws {
        switch slot.kind {
        case .record: try call("fdatasync") { fdatasync(record) }
        case .mapped: try call("fsync of a mapped file") { fsync(mapped) }
        case .appended: try call("fdatasync") { fdatasync(appended) }
        case .replaced, .moved: try call("fsync of a directory") { fsync(directory) }
        case .toggled:
            try synchronizeMade()
            try call("fsync of a directory") { fsync(directory) }
        }
    }

    private func make(_ name: String, _ flags: Int32, _ content: [UInt8]) throws {
        made = try call("create \(name)") {
            openat(directory, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o644)
        }
        try write(content) { Glibc.write(made, $0, $1) }
    }

    private func synchronizeMade() throws {
        guard made >= 0 else { return }
        try call("fsync") { fsync(made) }
        close(made)
        made = -1
    }
}
