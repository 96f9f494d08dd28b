import Glibc

/// Names, and the operations that make, move and remove them.
extension OperationGenerator {
    /// Few, so that they meet; some are as long, or as far from text, as names may be.
    private static let names: [Name] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "big1", "big2", "big3", "lib.so", "tool"].map { Name($0) }
        + [
            Name([UInt8](repeating: 0x6e, count: 255)), Name([0xff, 0xfe, 0x80]), Name([0xc3, 0x28]),
            Name("two words"), Name("line\nbreak"), Name("-rf"), Name("..."), Name(".hidden"), Name([0x01]),
            Name([UInt8](repeating: 0xc3, count: 254)),
        ]

    private mutating func someName() -> Name {
        if random.oneIn(150) { return Name([UInt8](repeating: 0x6c, count: 256)) }
        if random.oneIn(300) { return random.pick([Name("."), Name(".."), Name("")]) }
        return random.oneIn(3) ? random.pick(Self.names) : Self.names[random.below(15)]
    }

    mutating func someEntry(_ wanted: (TreeModel.Node) -> Bool) -> TreeModel.Entry? {
        guard !tree.entries.isEmpty else { return nil }
        for _ in 0..<12 {
            let entry = random.pick(tree.entries)
            if wanted(entry.node) { return entry }
        }
        return nil
    }

    /// A directory; the root where there is no other.
    mutating func someDirectory() -> TreeModel.Node {
        if random.oneIn(3) { return tree.root }
        return someEntry { $0.kind == .directory }?.node ?? tree.root
    }

    /// The path of something that is there and wanted, mostly.
    mutating func somePath(_ wanted: (TreeModel.Node) -> Bool) -> Name {
        if random.oneIn(25) { return newPath().path }
        if random.oneIn(30), let entry = someEntry({ $0.kind != .directory }) {
            // Beneath what is no directory.
            return tree.path(entry).appending(random.pick(Self.names))
        }
        if random.oneIn(60) { return .here }
        guard let entry = someEntry(wanted) ?? someEntry({ _ in true }) else { return newPath().path }
        return decorated(tree.path(entry))
    }

    /// The same path in other words, now and then.
    private mutating func decorated(_ path: Name) -> Name {
        switch random.below(60) {
        case 0: Name("./").appendingRaw(path)
        case 1: path.appendingRaw(Name("/"))
        case 2: path.appendingRaw(Name("/."))
        default: path
        }
    }

    /// A place for something new, which may be taken.
    mutating func newPath() -> (directory: TreeModel.Node, name: Name, path: Name) {
        let directory = someDirectory()
        var name = someName()
        for _ in 0..<4 where directory.children[name] != nil { name = someName() }
        return (directory, name, tree.path(of: directory).appending(name))
    }

    mutating func makeMode() -> UInt32 {
        random.pick([
            0o644, 0o644, 0o600, 0o666, 0o755, 0o700, 0o777, 0o640, 0o444, 0o000, 0o4755, 0o2755, 0o6777, 0o1777,
        ])
    }

    /// Believes that a node was made.
    mutating func believe(_ kind: TreeModel.Kind, _ mode: UInt32, _ name: Name, in directory: TreeModel.Node) {
        guard directory.children[name] == nil, tree.mayChange(directory, identity), isOrdinary(name) else { return }
        let group = directory.mode & 0o2000 != 0 ? directory.group : identity.group
        tree.add(.init(kind: kind, mode: mode, user: identity.user, group: group), name, to: directory)
    }

    func isOrdinary(_ name: Name) -> Bool {
        name != Name(".") && name != Name("..") && !name.isEmpty && name.raw.count <= 255
    }

    mutating func makeDirectory() -> Operation {
        var operation = Operation(.makeDirectory)
        let place = newPath()
        operation.path = place.path
        operation.mode = random.pick([0o755, 0o755, 0o777, 0o777, 0o700, 0o750, 0o1777, 0o2775, 0o3777])
        believe(.directory, operation.mode, place.name, in: place.directory)
        return operation
    }

    mutating func makeNode() -> Operation {
        var operation = Operation(.makeNode)
        let place = newPath()
        operation.path = place.path
        let bits = makeMode() & 0o7777
        let kind: TreeModel.Kind
        switch random.below(6) {
        case 0, 1:
            operation.mode = UInt32(S_IFIFO) | bits
            kind = .fifo
        case 2:
            operation.mode = UInt32(S_IFSOCK) | bits
            kind = .socket
        case 3:
            operation.mode = UInt32(S_IFREG) | bits
            kind = .file
        case 4:
            operation.mode = UInt32(S_IFCHR) | bits
            // null, zero, and one that nobody serves.
            operation.offset = random.pick([0x103, 0x105, 0xf007])
            kind = .device
        default:
            operation.mode = random.pick([UInt32(S_IFBLK), UInt32(S_IFDIR), 0o170000, 0]) | bits
            operation.offset = 0xf007
            kind = .device
        }
        if kind == .device, identity.user != 0 { return operation }
        believe(kind, bits, place.name, in: place.directory)
        return operation
    }

    mutating func makeSymbolicLink() -> Operation {
        var operation = Operation(.makeLink)
        let place = newPath()
        operation.path = place.path
        let target: Name
        switch random.below(12) {
        case 0: target = Name([UInt8](repeating: 0x78, count: random.pick([60, 255, 1000, 4000, 4095])))
        case 1: target = Name("")
        case 2: target = place.name
        case 3: target = Name([0xff, 0x80, 0x0a])
        // Nothing may be there: operations that follow it would change it.
        case 4: target = Name("/nothing/here")
        default:
            // From the root's point of view: it leads there only from the root, as links do.
            target = random.oneIn(2) ? someEntry { _ in true }?.name ?? .here : somePath { _ in true }
        }
        operation.value = target.raw.map { UInt8(bitPattern: $0) }
        if !target.isEmpty, target.raw.count < 4096 { believe(.link, 0o777, place.name, in: place.directory) }
        return operation
    }

    mutating func makeUnlink() -> Operation {
        var operation = Operation(.unlink)
        guard !random.oneIn(15), let entry = someEntry({ $0.kind != .directory }) else {
            operation.path = somePath { _ in true }
            return operation
        }
        operation.path = tree.path(entry)
        if tree.mayRemove(entry, identity) { tree.remove(entry) }
        return operation
    }

    mutating func makeRemoveDirectory() -> Operation {
        var operation = Operation(.removeDirectory)
        guard !random.oneIn(8), let entry = someEntry({ $0.kind == .directory && $0.children.isEmpty }) else {
            operation.path = somePath { _ in true }
            return operation
        }
        operation.path = tree.path(entry)
        if tree.mayRemove(entry, identity) { tree.remove(entry) }
        return operation
    }

    mutating func makeLinkOperation() -> Operation {
        var operation = Operation(.link)
        let place = newPath()
        operation.otherPath = place.path
        operation.flags = random.pick([0, 0, 0, 0x400])
        guard !random.oneIn(12), let entry = someEntry({ $0.kind != .directory }) else {
            operation.path = somePath { _ in true }
            return operation
        }
        operation.path = tree.path(entry)
        let free = place.directory.children[place.name] == nil
        if free, tree.mayChange(place.directory, identity), isOrdinary(place.name), operation.flags == 0 {
            tree.add(entry.node, place.name, to: place.directory)
        }
        return operation
    }

    mutating func makeLinkHandle() -> Operation {
        var operation = Operation(.linkHandle)
        operation.slot = someSlot { $0.node.kind != .directory }
        let place = newPath()
        operation.otherPath = place.path
        if operation.slot >= 0, let handle = handles[worker][operation.slot], handle.node.kind != .directory,
            place.directory.children[place.name] == nil, tree.mayChange(place.directory, identity),
            isOrdinary(place.name)
        {
            tree.add(handle.node, place.name, to: place.directory)
        }
        return operation
    }

    mutating func makeRename() -> Operation {
        var operation = Operation(.rename)
        operation.flags = random.pick([0, 0, 0, 0, 0, 1, 1, 2, 2, 4, 3, 5, 8])
        guard !random.oneIn(15), let entry = someEntry({ _ in true }) else {
            operation.path = somePath { _ in true }
            operation.otherPath = somePath { _ in true }
            return operation
        }
        operation.path = tree.path(entry)
        let wantsTarget = operation.flags == 2 || random.oneIn(2)
        if wantsTarget, let target = someEntry({ $0.kind == entry.node.kind }) {
            operation.otherPath = tree.path(target)
            believeRename(entry, target.parent, target.name, flags: operation.flags)
        } else {
            let place = newPath()
            operation.otherPath = place.path
            believeRename(entry, place.directory, place.name, flags: operation.flags)
        }
        return operation
    }

    private mutating func believeRename(
        _ entry: TreeModel.Entry, _ directory: TreeModel.Node, _ name: Name, flags: Int32
    ) {
        guard flags == 0 || flags == 1 || flags == 2, isOrdinary(name), tree.mayRemove(entry, identity),
            tree.mayChange(directory, identity), !tree.isBeneath(directory, entry.node)
        else { return }
        let target = directory.children[name]
        if let target {
            guard flags != 1, target.node !== entry.node, tree.mayRemove(target, identity) else { return }
            if flags == 2 {
                guard !tree.isBeneath(entry.parent, target.node) else { return }
                let (place, old, node) = (entry.parent, entry.name, entry.node)
                tree.remove(entry)
                tree.remove(target)
                tree.add(node, name, to: directory)
                tree.add(target.node, old, to: place)
                return
            }
            guard (target.node.kind == .directory) == (entry.node.kind == .directory), target.node.children.isEmpty
            else { return }
        } else if flags == 2 {
            return
        }
        tree.remove(entry)
        tree.add(entry.node, name, to: directory)
    }
}

extension Name {
    func appendingRaw(_ other: Name) -> Name { Name(terminated: Array(raw) + other.bytes) }
}
