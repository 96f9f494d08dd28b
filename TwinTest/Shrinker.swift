import Glibc

/// Makes a failing list of operations smaller, each try in a mount and directories of its own (delta debugging, ddmin).
struct Shrinker {
    let run: Run
    /// The kind of the operation that differed; nil: something else did.
    let wanted: Operation.Kind?
    /// What the directories of its tries begin with.
    let prefix: String

    typealias Found = (operations: [Operation], difference: Difference)

    /// The smallest list found that still fails in the same way; nil: not even the whole does.
    func shrink(_ operations: [Operation]) throws -> Found? {
        let end = time(nil) + run.options.shrinkSeconds
        var tries = 0
        func fails(_ candidate: [Operation]) throws -> Found? {
            tries += 1
            return try attempt(candidate, number: tries)
        }
        guard var best = try fails(operations) else { return nil }
        var pieces = 2
        while best.operations.count > 1, time(nil) < end {
            let size = max(1, best.operations.count / pieces)
            var isSmaller = false
            var start = 0
            while start < best.operations.count, time(nil) < end {
                let stop = min(start + size, best.operations.count)
                let candidate = Array(best.operations[..<start] + best.operations[stop...])
                if !candidate.isEmpty, let found = try fails(candidate) {
                    best = found
                    isSmaller = true
                } else {
                    start = stop
                }
            }
            if size == 1, !isSmaller { break }
            pieces = min(best.operations.count, pieces * 2)
        }
        return try simplify(best, until: end, fails)
    }

    /// The same with root for everybody where that still fails: fewer causes to think of.
    private func simplify(_ found: Found, until end: Int, _ fails: ([Operation]) throws -> Found?) throws -> Found {
        var best = found
        for index in best.operations.indices where index < best.operations.count && time(nil) < end {
            guard best.operations[index].worker != 0 else { continue }
            var candidate = best.operations
            candidate[index].worker = 0
            if let smaller = try fails(candidate) { best = smaller }
        }
        return best
    }

    /// Plays a list in a fresh mount.
    private func attempt(_ operations: [Operation], number: Int) throws -> Found? {
        let name = "\(prefix)-\(run.filesystem.rawValue)-\(run.mode.rawValue)-\(number)"
        let stage = try run.stage(name)
        let difference = try Episode(
            native: stage.native, mount: stage.mount, name: "episode", records: run.records, mapped: run.mapped,
            patience: 10
        ).play(operations)
        guard let difference, difference.kind == wanted else { return nil }
        return (Array(operations.prefix(difference.index.map { $0 + 1 } ?? operations.count)), difference)
    }
}
