import CLinuxShims
import Glibc

/// Plays a list of operations in both worlds, in directories of their own, and compares.
struct Episode {
    let native: World
    let mount: World
    /// The name of the directories.
    let name: String
    let records: (native: Record, mount: Record)
    let mapped: (native: MappedInodes, mount: MappedInodes)
    /// Seconds without progress after which a world is said to hang.
    let patience: Int

    /// The first difference; nil: none. What was made is removed where there was none.
    func play(_ operations: [Operation]) throws -> Difference? {
        records.native.reset()
        records.mount.reset()
        mapped.native.reset()
        mapped.mount.reset()
        for world in [native, mount] {
            let path = world.directory + "/" + name
            guard mkdir(path, 0o777) == 0, chmod(path, 0o777) == 0 else {
                throw Failure("cannot make \(path): \(errnoText(errno))")
            }
        }
        let players = try (
            Troupe(native, episode: name, operations, records.native, mapped.native),
            Troupe(mount, episode: name, operations, records.mount, mapped.mount)
        )
        let stopped = players.0.wait(patience: patience) ?? players.1.wait(patience: patience)
        if let difference = compare(operations) { return difference }
        if let stopped {
            let index = max(records.mount.current, 0)
            return Difference(index: index, operation: operations[index], text: stopped)
        }
        if let failure = players.0.end() ?? players.1.end() {
            return Difference(index: nil, operation: nil, text: failure)
        }
        if let difference = compareTrees() { return difference }
        return remove()
    }

    private func compare(_ operations: [Operation]) -> Difference? {
        for (mine, theirs) in zip(records.native.texts(), records.mount.texts()) {
            let equal =
                mine.text.count == theirs.text.count
                && memcmp(mine.text.baseAddress!, theirs.text.baseAddress!, mine.text.count) == 0
            guard !equal || mine.index != theirs.index else { continue }
            let native = String(decoding: mine.text, as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            let mount = String(decoding: theirs.text, as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            var text = ""
            for row in 0..<max(native.count, mount.count) {
                let (one, other) = (row < native.count ? native[row] : "", row < mount.count ? mount[row] : "")
                if operations[mine.index].kind == .compareTree, one == other { continue }
                text += one == other ? "    both:   \(one)\n" : "    native: \(one)\n    mount:  \(other)\n"
            }
            return Difference(index: mine.index, operation: operations[mine.index], text: String(text.prefix(6000)))
        }
        return nil
    }

    /// The trees when nothing is open any more: native, mount and source.
    private func compareTrees() -> Difference? {
        let places = [
            (native.directory, mapped.native), (mount.directory, mapped.mount), (mount.source, mapped.mount),
        ]
        let trees = places.enumerated().map { index, place in
            let (path, mapped) = place
            let directory = open(path + "/" + name, O_RDONLY | O_CLOEXEC | OpenFlags.directory)
            defer { close(directory) }
            return TreeWalk.lines(directory, mount, mapped, leavesAccessTimes: index == 2)
        }
        var found = Executor.differences(trees[1].map(\.common), trees[0].map(\.common), "native")
        found += Executor.differences(trees[1].map(\.exact), trees[2].map(\.exact), "source")
        guard !found.isEmpty else { return nil }
        let text = found.prefix(20).joined(separator: "\n    ")
        return Difference(index: nil, operation: nil, text: "    the trees after the last close:\n    " + text)
    }

    private func remove() -> Difference? {
        for world in [native, mount] {
            let parent = open(world.directory, O_RDONLY | O_CLOEXEC | OpenFlags.directory)
            defer { close(parent) }
            if let failure = Self.remove(Name(name), in: parent) {
                return Difference(
                    index: nil, operation: nil, text: "    removing the tree of the \(world.kind) world: \(failure)")
            }
        }
        return nil
    }

    private static func remove(_ name: Name, in directory: Int32) -> String? {
        let inner = openat(
            directory, name.bytes, O_RDONLY | OpenFlags.directory | OpenFlags.noFollow | O_NONBLOCK | O_CLOEXEC)
        if inner >= 0 {
            defer { close(inner) }
            for child in TreeWalk.names(inner) {
                if let failure = remove(child, in: inner) { return failure }
            }
        }
        guard unlinkat(directory, name.bytes, inner >= 0 ? AT_REMOVEDIR : 0) == 0 else {
            return "\(name): \(errnoText(errno))"
        }
        return nil
    }
}
