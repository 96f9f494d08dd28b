import CLinuxShims
import Glibc

/// Makes the operations of one episode from its seed: the same seed, the same operations.
struct OperationGenerator {
    /// What a worker's descriptor is believed to be.
    struct Handle {
        var node: TreeModel.Node
        var flags: Int32
    }

    static let slots = 10
    static let mappings = 4
    static let streams = 2

    var random: RandomSource
    var tree = TreeModel()
    var handles: [[Handle?]]
    var mapped: [[(node: TreeModel.Node, length: Int)?]]
    var worker = 0
    /// Kinds that are left out.
    let without: Set<Operation.Kind>
    private let weighted: [Operation.Kind]

    init(seed: UInt64, without: Set<Operation.Kind>) {
        random = RandomSource(seed: seed)
        self.without = without
        let workers = WorkerIdentity.all.count
        handles = Array(repeating: Array(repeating: nil, count: Self.slots), count: workers)
        mapped = Array(repeating: Array(repeating: nil, count: Self.mappings), count: workers)
        weighted = Self.weights.flatMap { kind, weight in
            Array(repeating: kind, count: without.contains(kind) ? 0 : weight)
        }
    }

    /// How often each kind comes, of a sum of about 1000.
    private static let weights: [(Operation.Kind, Int)] = [
        (.open, 126), (.openUnnamed, 4), (.close, 50), (.duplicate, 6), (.read, 16), (.write, 26), (.readAt, 36),
        (.writeAt, 50),
        (.readVector, 8), (.writeVector, 12), (.seek, 20), (.truncate, 16), (.truncateHandle, 20), (.allocate, 22),
        (.copyRange, 16), (.map, 16), (.load, 24), (.store, 24), (.synchronizeMap, 8), (.unmap, 12),
        (.synchronize, 10), (.rename, 45), (.link, 28), (.linkHandle, 12), (.makeLink, 18), (.readLink, 10),
        (.unlink, 40), (.removeDirectory, 14), (.makeDirectory, 28), (.makeNode, 14), (.changeMode, 24),
        (.changeModeHandle, 8), (.changeOwner, 20), (.changeOwnerHandle, 6), (.setTimes, 20), (.setTimesHandle, 8),
        (.setAttribute, 24), (.getAttribute, 10), (.listAttributes, 8), (.removeAttribute, 8), (.lockFile, 10),
        (.setLock, 14), (.getLock, 8), (.list, 12), (.listFromMiddle, 4), (.openStream, 4), (.readStream, 8),
        (.seekStream, 4), (.closeStream, 4), (.status, 40), (.statusHandle, 20), (.statistics, 2), (.access, 14),
        (.execute, 1), (.setMask, 4), (.promote, 1),
    ]

    /// `count` operations, the tree compared every `interval` of them.
    mutating func operations(_ count: Int, comparingEvery interval: Int) -> [Operation] {
        var result: [Operation] = []
        result.reserveCapacity(count)
        while result.count < count {
            if result.count % interval == interval - 1 {
                var operation = Operation(.compareTree)
                operation.observes = false
                result.append(operation)
                continue
            }
            if random.oneIn(4) { worker = random.below(WorkerIdentity.all.count) }
            var operation = make(random.pick(weighted))
            operation.worker = operation.kind == .promote ? 0 : worker
            operation.observes = !random.oneIn(8)
            result.append(operation)
        }
        return result
    }

    var identity: WorkerIdentity { WorkerIdentity.all[worker] }

    private mutating func make(_ kind: Operation.Kind) -> Operation {
        switch kind {
        case .open: makeOpen()
        case .openUnnamed: makeOpenUnnamed()
        case .close, .duplicate, .synchronize: makeHandleOnly(kind)
        case .read, .write, .readAt, .writeAt, .readVector, .writeVector: makeTransfer(kind)
        case .seek: makeSeek()
        case .truncate, .truncateHandle: makeTruncate(kind)
        case .allocate: makeAllocate()
        case .copyRange: makeCopyRange()
        case .map: makeMap()
        case .load, .store, .synchronizeMap, .unmap: makeMapped(kind)
        case .rename: makeRename()
        case .link: makeLinkOperation()
        case .linkHandle: makeLinkHandle()
        case .makeLink: makeSymbolicLink()
        case .unlink: makeUnlink()
        case .removeDirectory: makeRemoveDirectory()
        case .makeDirectory: makeDirectory()
        case .makeNode: makeNode()
        case .changeMode, .changeModeHandle: makeChangeMode(kind)
        case .changeOwner, .changeOwnerHandle: makeChangeOwner(kind)
        case .setTimes, .setTimesHandle: makeSetTimes(kind)
        case .setAttribute, .getAttribute, .listAttributes, .removeAttribute: makeAttribute(kind)
        case .lockFile, .setLock, .getLock: makeLock(kind)
        case .list, .listFromMiddle, .openStream: makeListing(kind)
        case .readStream, .seekStream, .closeStream: makeStream(kind)
        case .readLink, .status, .statistics, .access, .execute, .promote: makeQuestion(kind)
        case .statusHandle: makeHandleOnly(kind)
        case .setMask: makeMask()
        case .compareTree: Operation(.compareTree)
        }
    }

    private mutating func makeMask() -> Operation {
        var operation = Operation(.setMask)
        operation.mode = random.pick([0, 0o022, 0o002, 0o077, 0o027, 0o777, 0o111])
        return operation
    }

    private mutating func makeQuestion(_ kind: Operation.Kind) -> Operation {
        var operation = Operation(kind)
        operation.path = somePath { node in
            switch kind {
            case .readLink: node.kind == .link
            case .execute, .promote: node.kind == .file
            default: true
            }
        }
        operation.mode = UInt32(random.below(8))
        if kind == .status { operation.flags = random.pick([0, 0, 0x100]) }
        if kind == .access { operation.flags = random.pick([0, 0, 0x100, 0x200]) }
        return operation
    }
}
