import Glibc

/// What a generator believes the tree to be: roughly, so that most operations meet something that exists.
///
/// It need not be right: where it is wrong, both worlds answer with the same errno.
struct TreeModel {
    enum Kind { case file, directory, link, fifo, socket, device }

    /// A file or directory, however many names it has.
    final class Node {
        let kind: Kind
        var size: Int = 0
        var mode: UInt32
        var user: uid_t
        var group: gid_t
        /// The name of a directory; nil for the root and for what has none.
        var entry: Entry?
        var children: [Name: Entry] = [:]

        init(kind: Kind, mode: UInt32, user: uid_t, group: gid_t) {
            self.kind = kind
            self.mode = mode
            self.user = user
            self.group = group
        }
    }

    /// One name of a node in a directory.
    final class Entry {
        var parent: Node
        var name: Name
        let node: Node
        /// Its place in `entries`.
        var index = 0

        init(parent: Node, name: Name, node: Node) {
            self.parent = parent
            self.name = name
            self.node = node
        }
    }

    let root = Node(kind: .directory, mode: 0o777, user: 0, group: 0)
    /// Every name there is, in an order that depends on the operations alone.
    private(set) var entries: [Entry] = []

    mutating func add(_ node: Node, _ name: Name, to parent: Node) {
        if let old = parent.children[name] { remove(old) }
        let entry = Entry(parent: parent, name: name, node: node)
        entry.index = entries.count
        entries.append(entry)
        parent.children[name] = entry
        if node.kind == .directory { node.entry = entry }
    }

    mutating func remove(_ entry: Entry) {
        entry.parent.children[entry.name] = nil
        let last = entries.removeLast()
        if last !== entry {
            last.index = entry.index
            entries[entry.index] = last
        }
        if entry.node.kind == .directory { entry.node.entry = nil }
    }

    /// The path of a name from the root, without "./" before it.
    func path(_ entry: Entry) -> Name { path(of: entry.parent).appending(entry.name) }

    /// The path of a directory; empty for the root.
    func path(of directory: Node) -> Name {
        var names: [Name] = []
        var current = directory
        while let entry = current.entry {
            names.append(entry.name)
            current = entry.parent
        }
        var path = Name.none
        for name in names.reversed() { path = path.appending(name) }
        return path
    }

    /// Whether `directory` is `other` or beneath it.
    func isBeneath(_ directory: Node, _ other: Node) -> Bool {
        var current: Node? = directory
        while let here = current {
            if here === other { return true }
            current = here.entry?.parent
        }
        return false
    }

    func mayChange(_ directory: Node, _ worker: WorkerIdentity) -> Bool {
        permits(directory, worker, 0o3)
    }

    func permits(_ node: Node, _ worker: WorkerIdentity, _ wanted: UInt32) -> Bool {
        if worker.user == 0 { return true }
        let bits =
            node.user == worker.user ? node.mode >> 6 : worker.isMember(of: node.group) ? node.mode >> 3 : node.mode
        return bits & wanted == wanted
    }

    /// Whether a worker may take a name out of its directory, sticky directories included.
    func mayRemove(_ entry: Entry, _ worker: WorkerIdentity) -> Bool {
        guard mayChange(entry.parent, worker) else { return false }
        return worker.user == 0 || entry.parent.mode & 0o1000 == 0 || entry.node.user == worker.user
            || entry.parent.user == worker.user
    }
}
