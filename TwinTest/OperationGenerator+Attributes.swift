import Glibc

/// Modes, owners, times, extended attributes, locks and listings.
extension OperationGenerator {
    mutating func makeChangeMode(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        operation.mode = makeMode()
        if kind == .changeModeHandle {
            operation.slot = someSlot { _ in true }
            return operation
        }
        guard !random.oneIn(12), let entry = someEntry({ $0.kind != .link }) else {
            operation.path = somePath { _ in true }
            return operation
        }
        // Directories that nobody may enter leave little to do.
        if entry.node.kind == .directory { operation.mode |= random.oneIn(6) ? 0 : 0o755 }
        operation.path = tree.path(entry)
        if identity.user == 0 || identity.user == entry.node.user { entry.node.mode = operation.mode }
        return operation
    }

    mutating func makeChangeOwner(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        let (user, group) = (identity.user, identity.group)
        operation.offset = random.pick([Int(user), Int(user), 0, 12001, 12002, -1, 4_000_000_000])
        operation.length = random.pick([Int(group), 13001, 13002, 12001, 0, -1, -1])
        if kind == .changeOwnerHandle {
            operation.slot = someSlot { _ in true }
            return operation
        }
        operation.flags = random.pick([0, 0x100])
        guard !random.oneIn(12), let entry = someEntry({ _ in true }) else {
            operation.path = somePath { _ in true }
            return operation
        }
        operation.path = tree.path(entry)
        if user == 0 {
            if operation.offset >= 0 { entry.node.user = uid_t(truncatingIfNeeded: operation.offset) }
            if operation.length >= 0 { entry.node.group = gid_t(truncatingIfNeeded: operation.length) }
        }
        return operation
    }

    mutating func makeSetTimes(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        // Far from now, so that what was set is told from what the kernel sets. UTIME_NOW and UTIME_OMIT too.
        let seconds: [Int] = [
            0, 1, 1_000_000_000, 86400, -1, -100_000, 2_147_483_647, 2_147_483_648, 4_294_967_296, 15_000_000_000,
            20_000_000_000,
        ]
        let nanoseconds: [Int] = [0, 1, 999_999_999, 123_456_789, 500, 0x3fff_ffff, 0x3fff_fffe, 1_000_000_000]
        operation.offset = random.pick(seconds)
        operation.length = random.oneIn(30) ? 1_000_000_000 : random.pick(Array(nanoseconds.dropLast()))
        operation.third = random.pick(seconds)
        operation.fourth = random.oneIn(30) ? -1 : random.pick(Array(nanoseconds.dropLast()))
        if kind == .setTimesHandle {
            operation.slot = someSlot { _ in true }
            return operation
        }
        operation.flags = random.pick([0, 0x100])
        operation.path = somePath { _ in true }
        return operation
    }

    private static let attributeNames: [Name] =
        [
            "user.a", "user.b", "user.c", "trusted.t", "trusted.overlay.x", "security.test", "security.capability",
            "system.posix_acl_access", "system.posix_acl_default", "system.other", "nonsense", "user.", "",
        ].map { Name($0) }
        + [
            Name(Array("user.".utf8) + [UInt8](repeating: 0x6e, count: 250)),
            Name(Array("user.".utf8) + [UInt8](repeating: 0x6e, count: 251)), Name(Array("user.".utf8) + [0xff, 0x80]),
        ]

    mutating func makeAttribute(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        operation.name = random.oneIn(5) ? random.pick(Self.attributeNames) : Self.attributeNames[random.below(9)]
        if random.oneIn(5) {
            operation.slot = someSlot { _ in true }
        } else {
            operation.path = somePath { $0.kind == .file || $0.kind == .directory || $0.kind == .link }
            operation.flags = random.pick([0, 0, 0x100])
        }
        guard kind == .setAttribute else { return operation }
        operation.mode = random.pick([0, 0, 0, 0, 1, 2, 3])
        if operation.name.raw.starts(with: Name("system.posix").raw) {
            operation.value = random.oneIn(10) ? makeBytes(12) : makeAccessControlList()
        } else if operation.name == Name("security.capability") {
            operation.value =
                random.oneIn(5)
                ? makeBytes(20)
                : [1, 0, 0, 2, UInt8(random.below(256)), 0, 0, 0] + [UInt8](repeating: 0, count: 12)
        } else {
            operation.value = makeBytes(random.pick([0, 1, 3, 30, 30, 100, 700, random.oneIn(20) ? 3000 : 20]))
        }
        return operation
    }

    private mutating func makeBytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    /// struct posix_acl_xattr_header and its entries (linux/posix_acl_xattr.h), sorted as the kernel wants them.
    private mutating func makeAccessControlList() -> [UInt8] {
        var bytes: [UInt8] = [2, 0, 0, 0]
        func put(_ tag: UInt16, _ bits: Int, _ id: UInt32) {
            for value in [tag, UInt16(bits)] { bytes += [UInt8(value & 0xff), UInt8(value >> 8)] }
            for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(id >> shift & 0xff)) }
        }
        let nobody = UInt32.max
        put(1, random.below(8), nobody)
        let named = random.oneIn(2)
        if named { put(2, random.below(8), random.pick([12001, 12002])) }
        put(4, random.below(8), nobody)
        let groups = random.oneIn(3)
        if groups { put(8, random.below(8), random.pick([13001, 13002])) }
        if named || groups { put(0x10, random.below(8), nobody) }
        put(0x20, random.below(8), nobody)
        return bytes
    }

    mutating func makeLock(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        operation.slot = someSlot { $0.node.kind == .file }
        if kind == .lockFile {
            operation.flags = random.pick([LOCK_SH, LOCK_EX, LOCK_UN, LOCK_EX]) | LOCK_NB
            return operation
        }
        operation.mode = UInt32(random.pick([F_RDLCK, F_WRLCK, F_UNLCK, F_WRLCK]))
        operation.offset = Int(random.below(30))
        operation.length = Int(random.below(10))
        return operation
    }

    mutating func makeListing(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        let directory = someDirectory()
        operation.path = tree.path(of: directory)
        if operation.path.isEmpty { operation.path = .here }
        if random.oneIn(15) { operation.path = somePath { _ in true } }
        operation.offset = Int(random.below(12))
        if kind == .openStream { operation.otherSlot = random.below(Self.streams) }
        return operation
    }

    mutating func makeStream(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        operation.otherSlot = random.below(Self.streams)
        operation.length = Int(random.below(6))
        operation.offset = Int(random.below(8))
        return operation
    }
}
