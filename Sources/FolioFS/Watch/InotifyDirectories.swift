import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// inotify(7) watches on the directories that the kernel knows and on the files that are open.
final class InotifyDirectories: Sendable {
    let descriptor: Int32
    private let state = LockedState(State())

    private struct State {
        var nodes: [Int32: NodeID] = [:]
        var watches: [NodeID: Int32] = [:]
    }

    private static let mask = UInt32(
        IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF
            | IN_MOVE_SELF)

    /// - Throws: EMFILE where the user has too many (fs.inotify.max_user_instances).
    init() throws(Errno) {
        descriptor = try systemCall { inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)) }
    }

    deinit { close(descriptor) }

    /// Watches a directory or file from now on; nothing where it is watched.
    ///
    /// - Parameter opened: a descriptor of it, of any kind.
    /// - Throws: ENOSPC where the user has no more watches (fs.inotify.max_user_watches).
    /// - Returns: whether it was watched before.
    func watch(_ node: NodeID, _ opened: Int32) throws(Errno) -> Bool {
        try state.withLock { state throws(Errno) in
            if state.watches[node] != nil { return true }
            let watch = try ProcessFiles.withPath(opened) { path throws(Errno) in
                try systemCall { inotify_add_watch(descriptor, path, Self.mask) }
            }
            state.watches[node] = watch
            state.nodes[watch] = node
            return false
        }
    }

    /// Ends the watch on a directory that the kernel has forgotten, or on a file that is open no more.
    func forget(_ node: NodeID) {
        state.withLock { state in
            guard let watch = state.watches.removeValue(forKey: node) else { return }
            // Two nodes have one watch where a file is mounted twice.
            guard state.nodes[watch] == node else { return }
            state.nodes[watch] = nil
            inotify_rm_watch(descriptor, watch)
        }
    }

    /// Reads what has been queued, at most a buffer full, and adds what the kernel is to forget.
    /// - Returns: whether there was any.
    /// - Throws: what read(2) says.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, _ changes: inout Invalidations
    ) throws(Errno) -> Bool {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        guard count > 0 else {
            let failure = Errno(rawValue: errno)
            if count == 0 || failure == .wouldBlock || failure == .interrupted { return false }
            throw failure
        }
        var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        let size = MemoryLayout<inotify_event>.size
        while rest.count >= size {
            let event = rest.loadUnaligned(as: inotify_event.self)
            let length = size + Int(event.len)
            guard length <= rest.count else { break }
            add(event, UnsafeRawBufferPointer(rebasing: rest[size..<length]), &changes)
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        }
        return true
    }

    private func add(_ event: inotify_event, _ text: UnsafeRawBufferPointer, _ changes: inout Invalidations) {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { changes.everything = true }
        let node = state.withLock { state in
            let node = state.nodes[event.wd]
            if event.mask & UInt32(IN_IGNORED) != 0, let node {
                state.nodes[event.wd] = nil
                state.watches[node] = nil
            }
            return node
        }
        guard let node else { return }
        let name = Array(text.prefix { $0 != 0 })
        if name.isEmpty {
            changes.add(node, data: true)
        } else {
            // A change of the file is seen by looking its name up again, which tells its attributes.
            changes.add(name, in: node)
            if event.mask & UInt32(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO) != 0 {
                changes.add(node, data: true)
            }
        }
    }
}
