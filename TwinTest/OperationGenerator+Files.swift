import CLinuxShims
import Glibc

/// Opening, and what is done with bytes.
extension OperationGenerator {
    /// A worker's descriptor; mostly one that is open and wanted.
    mutating func someSlot(_ wanted: (Handle) -> Bool) -> Int {
        if random.oneIn(40) { return random.below(Self.slots) }
        for _ in 0..<10 {
            let slot = random.below(Self.slots)
            if let handle = handles[worker][slot], wanted(handle) { return slot }
        }
        return random.below(Self.slots)
    }

    mutating func makeOpen() -> Operation {
        var operation = Operation(.open)
        operation.slot = random.below(Self.slots)
        for _ in 0..<3 where handles[worker][operation.slot] != nil { operation.slot = random.below(Self.slots) }
        operation.mode = makeMode()
        let access = random.pick([O_RDONLY, O_RDONLY, O_WRONLY, O_RDWR, O_RDWR, O_RDWR])
        var flags = access
        let creates = random.oneIn(3) || tree.entries.count < 12
        if creates { flags |= O_CREAT }
        if creates, random.oneIn(5) { flags |= O_EXCL }
        if random.oneIn(6) { flags |= O_TRUNC }
        if random.oneIn(6) { flags |= O_APPEND }
        if random.oneIn(12) { flags |= OpenFlags.direct }
        if random.oneIn(15) { flags |= random.pick([O_SYNC, O_DSYNC]) }
        if random.oneIn(12) { flags |= OpenFlags.noFollow }
        if random.oneIn(25) { flags |= OpenFlags.noAccessTime }
        if random.oneIn(25) { flags |= OpenFlags.pathOnly }
        if random.oneIn(60) { flags |= 3 }
        let opensDirectory = random.oneIn(14)
        if opensDirectory { flags = O_RDONLY | OpenFlags.directory }
        operation.flags = flags
        if creates, !opensDirectory, random.oneIn(2) {
            let place = newPath()
            operation.path = place.path
            if flags & OpenFlags.pathOnly == 0 {
                believe(.file, operation.mode & 0o7777, place.name, in: place.directory)
            }
            if let entry = place.directory.children[place.name], entry.node.kind == .file {
                handles[worker][operation.slot] = Handle(node: entry.node, flags: flags)
            }
            return operation
        }
        let entry = random.oneIn(20) ? nil : someEntry { ($0.kind == .directory) == opensDirectory }
        guard let entry else {
            operation.path = somePath { _ in true }
            return operation
        }
        operation.path = tree.path(entry)
        let wanted: UInt32 = access == O_RDONLY ? 4 : access == O_WRONLY ? 2 : 6
        if entry.node.kind != .link, tree.permits(entry.node, identity, wanted) {
            if flags & O_TRUNC != 0, entry.node.kind == .file { entry.node.size = 0 }
            handles[worker][operation.slot] = Handle(node: entry.node, flags: flags)
        }
        return operation
    }

    mutating func makeOpenUnnamed() -> Operation {
        var operation = Operation(.openUnnamed)
        operation.slot = random.below(Self.slots)
        operation.mode = makeMode()
        let access = random.pick([O_RDONLY, O_WRONLY, O_RDWR])
        let directory = someDirectory()
        operation.path = tree.path(of: directory)
        if operation.path.isEmpty { operation.path = .here }
        operation.flags = OpenFlags.temporary | (random.oneIn(8) ? access : O_RDWR) | (random.oneIn(6) ? O_EXCL : 0)
        let node = TreeModel.Node(
            kind: .file, mode: operation.mode & 0o7777, user: identity.user, group: identity.group)
        handles[worker][operation.slot] = Handle(node: node, flags: operation.flags)
        return operation
    }

    mutating func makeHandleOnly(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        operation.slot = someSlot { _ in true }
        switch kind {
        case .close: handles[worker][operation.slot] = nil
        case .duplicate:
            operation.otherSlot = random.below(Self.slots)
            if let handle = handles[worker][operation.slot] { handles[worker][operation.otherSlot] = handle }
        default: operation.flags = Int32(random.below(8) == 0 ? 2 : random.below(2))
        }
        return operation
    }

    /// A place in a file: near its beginning, its end, a page's or a PMD's edge; far away now and then.
    private mutating func makeOffset(_ believed: Int) -> Int {
        let size = min(believed, 1 << 60)
        switch random.below(40) {
        case 0..<12: return Int(random.below(9000))
        case 12..<22: return Int(random.below(Int(min(max(size, 1), 8 << 20))))
        case 22..<27: return max(0, size - Int(random.below(100)))
        case 27..<31: return size + Int(random.below(10000))
        case 31..<34: return Int(random.below(40)) * 4096 + Int(random.below(3)) - 1 + 1
        case 34..<37: return max(0, Int(random.below(3)) * (2 << 20) + Int(random.below(9)) - 4)
        case 37: return random.oneIn(6) ? -1 : Int(random.below(65536)) * 16
        case 38: return random.oneIn(8) ? (4 << 30) + Int(random.below(8192)) : Int(random.below(200_000))
        default: return random.oneIn(12) ? Int.max - Int(random.below(5000)) : Int(random.below(100_000))
        }
    }

    private mutating func makeLength() -> Int {
        switch random.below(20) {
        case 0: 0
        case 1..<10: Int(1 + random.below(600))
        case 10..<14: Int(random.below(9000))
        case 14..<17: 4096
        case 17..<19: Int(random.below(40000))
        default: Int(65536 + random.below(3) - 1)
        }
    }

    mutating func makeTransfer(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        let writes = kind == .write || kind == .writeAt || kind == .writeVector
        operation.slot = someSlot { handle in
            handle.node.kind == .file && (handle.flags & O_ACCMODE != (writes ? O_RDONLY : O_WRONLY))
        }
        operation.length = makeLength()
        let handle = handles[worker][operation.slot]
        let node = handle?.node
        operation.offset = makeOffset(node?.size ?? 0)
        if writes { operation.seed = random.next() | 1 }
        if let handle, handle.flags & OpenFlags.direct != 0 {
            // What is not aligned is refused natively and carried out by FUSE: see KnownDifferences.
            operation.offset = max(0, operation.offset) & ~4095
            operation.length = max(4096, operation.length & ~4095)
        }
        // A file that is to reach past a PMD's worth is filled in larger pieces now and then.
        if kind == .writeAt, random.oneIn(60) { operation.length = random.pick([1 << 20, 2 << 20, (2 << 20) + 4096]) }
        if writes, let node, node.kind == .file, operation.offset >= 0 {
            let start = kind == .write ? min(node.size, 1 << 60) : min(operation.offset, 1 << 60)
            node.size = max(node.size, start + operation.length)
        }
        return operation
    }

    mutating func makeSeek() -> Operation {
        var operation = Operation(.seek)
        operation.slot = someSlot { _ in true }
        operation.flags = random.pick([SEEK_SET, SEEK_SET, SEEK_SET, SEEK_CUR, SEEK_END, 3, 4, 3, 4, 9])
        let size = handles[worker][operation.slot]?.node.size ?? 0
        operation.offset =
            operation.flags == SEEK_SET || operation.flags > 2
            // No further than every filesystem's largest file: see KnownDifferences.
            ? min(makeOffset(size), 1 << 42) : Int(random.below(2000)) - 1000
        return operation
    }

    mutating func makeTruncate(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        let node: TreeModel.Node?
        if kind == .truncateHandle {
            operation.slot = someSlot { $0.node.kind == .file && $0.flags & O_ACCMODE != O_RDONLY }
            node = handles[worker][operation.slot]?.node
        } else if !random.oneIn(12), let entry = someEntry({ $0.kind == .file }) {
            operation.path = tree.path(entry)
            node = entry.node
        } else {
            operation.path = somePath { _ in true }
            node = nil
        }
        operation.offset = random.oneIn(6) ? 0 : makeOffset(node?.size ?? 0)
        if let node, operation.offset >= 0 { node.size = operation.offset }
        return operation
    }

    mutating func makeAllocate() -> Operation {
        var operation = Operation(.allocate)
        operation.slot = someSlot { $0.node.kind == .file && $0.flags & O_ACCMODE != O_RDONLY }
        // Keep size 1, punch hole 2, zero range 16. The kernel's FUSE refuses the others: see KnownDifferences.
        operation.flags = random.pick([0, 0, 1, 3, 3, 16, 17, 2])
        let size = handles[worker][operation.slot]?.node.size ?? 0
        operation.offset = min(makeOffset(size), 16 << 20)
        operation.length = makeLength()
        if operation.flags & 1 == 0, let node = handles[worker][operation.slot]?.node, operation.offset >= 0 {
            node.size = max(node.size, operation.offset + operation.length)
        }
        return operation
    }

    mutating func makeCopyRange() -> Operation {
        var operation = Operation(.copyRange)
        operation.slot = someSlot { $0.node.kind == .file && $0.flags & O_ACCMODE != O_WRONLY }
        operation.otherSlot = someSlot { $0.node.kind == .file && $0.flags & O_ACCMODE != O_RDONLY }
        operation.offset = makeOffset(handles[worker][operation.slot]?.node.size ?? 0)
        operation.third = makeOffset(handles[worker][operation.otherSlot]?.node.size ?? 0)
        operation.length = makeLength()
        return operation
    }

    mutating func makeMap() -> Operation {
        var operation = Operation(.map)
        operation.slot = someSlot { $0.node.kind == .file && $0.node.size > 0 && $0.flags & O_ACCMODE != O_WRONLY }
        operation.otherSlot = random.below(Self.mappings)
        operation.flags = Int32(random.below(8))
        let size = handles[worker][operation.slot]?.node.size ?? 0
        operation.offset =
            random.oneIn(2) ? 0 : min(max(0, makeOffset(size)), 6 << 20) & (random.oneIn(20) ? -1 : ~4095)
        operation.length = random.pick([1, 4096, 8192, 20000, 100_000, 2 << 20])
        if let node = handles[worker][operation.slot]?.node {
            mapped[worker][operation.otherSlot] = (node, operation.length)
        }
        return operation
    }

    mutating func makeMapped(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        operation.otherSlot = random.below(Self.mappings)
        for _ in 0..<6 where mapped[worker][operation.otherSlot] == nil {
            operation.otherSlot = random.below(Self.mappings)
        }
        let length = mapped[worker][operation.otherSlot]?.length ?? 4096
        operation.offset = Int(random.below(Int(length)))
        operation.length = Int(1 + random.below(random.oneIn(5) ? 20000 : 300))
        if kind == .store { operation.seed = random.next() | 1 }
        if kind == .synchronizeMap { operation.flags = random.pick([1, 4, 4, 6]) }
        if kind == .unmap { mapped[worker][operation.otherSlot] = nil }
        return operation
    }
}
