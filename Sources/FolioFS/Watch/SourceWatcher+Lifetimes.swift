import FuseServer
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// How long the kernel may keep what it is told, in seconds.
struct Lifetimes {
    var name: Double
    var attributes: Double

    /// What is watched: a day, which is as good as for ever.
    static let long = Lifetimes(name: 86400, attributes: 86400)
    /// The attributes of an empty file that is being opened: until the kernel has checked permission with them.
    static let opening = 0.01
    /// What is not.
    static func short(_ type: mode_t) -> Lifetimes {
        // The names of files are asked for each time, so that a file that took another's place is what the next open sees.
        Lifetimes(name: type == S_IFDIR ? 1 : 0, attributes: 1)
    }
}

extension SourceWatcher {
    /// How long a node just looked at in `parent` may be kept; nil: by its number.
    ///
    /// A filesystem or directory met for the first time is watched from now on: what was looked at before that is kept for
    /// a short time.
    func lifetimes(_ inode: Inode, _ status: stat, in parent: Inode?) -> Lifetimes {
        let short = Lifetimes.short(inode.type)
        let method = method(inode.filesystem)
        guard let method else { return short }
        // A name leads from one filesystem into another where something is mounted; mounts come and go unseen.
        if let parent, parent.filesystem !== inode.filesystem { return short }
        switch method {
        case .timeouts: return short
        case .fanotify: return Lifetimes(name: nameLifetime ?? short.name, attributes: Lifetimes.long.attributes)
        case .inotify:
            let parentIsWatched = parent.map(isWatched) ?? false
            let attributes: Double =
                if inode.type == S_IFDIR {
                    isWatched(inode) ? Lifetimes.long.attributes : short.attributes
                } else {
                    // A change by another name is told to the directory of that name alone.
                    parentIsWatched && status.st_nlink == 1 ? Lifetimes.long.attributes : short.attributes
                }
            return Lifetimes(
                name: parentIsWatched ? nameLifetime ?? short.name : short.name, attributes: attributes)
        }
    }

    /// Watches the filesystem and the directory of the root, which are not looked up.
    func beginRoot() {
        guard method(table.root.filesystem) == nil, method(table.root.filesystem) == .inotify else { return }
        _ = isWatched(table.root)
    }

    /// Whether every change of every filesystem met so far is told.
    var isToldOfEverything: Bool { watched.withLock { $0.values.allSatisfy { $0.method == .fanotify } } }

    /// How long the absence of a name in `parent` may be kept.
    func absence(in parent: Inode) -> Double {
        switch method(parent.filesystem) {
        case .fanotify?: nameLifetime ?? 0
        case .inotify?: isWatched(parent) ? nameLifetime ?? 0 : 0
        case .timeouts?, nil: 0
        }
    }

    /// How long names may be kept that are watched; nil: no longer than others, as the kernel cannot be told to forget
    /// them all, which an overflow of events asks for.
    private var nameLifetime: Double? { expiresAllNames ? Lifetimes.long.name : nil }

    /// The way a filesystem is watched; nil: it is from now on.
    private func method(_ filesystem: SourceFilesystem) -> WatchMethod? {
        watched.withLock { watched in
            if let known = watched[filesystem.index] { return known.method }
            let new = WatchedFilesystem.begin(filesystem, wanted: wanted, fanotify: fanotify, inotify: inotify)
            watched[filesystem.index] = new
            return nil
        }
    }

    /// Told of a file that `descriptor` has opened, the first time: another name of it may be moved or written to by others.
    func opened(_ inode: Inode, _ descriptor: Int32) {
        guard method(inode.filesystem) == .inotify, let inotify = try? inotify.get() else { return }
        _ = try? inotify.watch(inode.node, descriptor)
    }

    /// Told of a file that is open no more.
    func closed(_ inode: Inode) {
        guard method(inode.filesystem) == .inotify else { return }
        (try? inotify.get())?.forget(inode.node)
    }

    /// Whether a directory was watched before now; it is from now on.
    private func isWatched(_ directory: Inode) -> Bool {
        guard let inotify = try? inotify.get() else { return false }
        return
            (try? directory.withPath { path throws(Errno) in try inotify.watch(directory.node, path) }) ?? false
    }
}
