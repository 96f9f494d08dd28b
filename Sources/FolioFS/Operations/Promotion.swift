import CLinuxShims
import FolioPolicy
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// When and how the source's own page cache is promoted.
extension FolioFilesystem {
    /// Whether opening the file brings its huge folios about: programs and libraries, and what a pattern names.
    func isPromotedAtOpen(_ descriptor: Int32, _ status: stat) -> Bool {
        if options.promoteExecutables, router.isExecutable(descriptor, status) { return true }
        guard !options.promotePatterns.isEmpty, let path = relativePath(descriptor) else { return false }
        return options.promotePatterns.contains { fnmatch($0, path, 0) == 0 }
    }

    /// Promotes before a first open for reading is answered, up to the limit; larger files behind it.
    func promoteAtOpen(
        _ inode: Inode, _ serving: inout Serving, _ decision: RouteDecision?, _ descriptor: Int32, _ status: stat
    ) {
        guard let decision, decision.route == .native, decision.promotion != .none,
            isPromotedAtOpen(descriptor, status)
        else { return }
        let stamp = SourceStamp(status)
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        // What was promoted a moment ago is not looked at again: a build runs its compiler many times a second.
        if let promoted = serving.promoted, promoted.stamp == stamp, now.tv_sec - promoted.time < 10 { return }
        serving.promoted = (stamp, now.tv_sec)
        let size = Int(status.st_size)
        if size <= options.stageSyncLimit {
            _ = try? promoteNative(inode.identity, descriptor, size: size, decision.promotion)
        } else if case let copy = dup(descriptor), copy >= 0 {
            let (identity, promotion) = (inode.identity, decision.promotion)
            BackgroundThread.run { [self] in
                _ = try? promoteNative(identity, copy, size: size, promotion)
                close(copy)
            }
        }
    }

    /// Promotes the source's own page cache.
    func promoteNative(
        _ identity: FileIdentity, _ descriptor: Int32, size: Int, _ promotion: Promotion,
        progress: (Int) -> Bool = { _ in true }
    ) throws(Errno) -> Promoter.Outcome {
        let promoter = Promoter(pmdSize: router.pmdSize, promotion: promotion)
        let outcome = try promoter.promote(descriptor, size: size, progress: progress)
        pmdBytes.withLock { $0[identity] = outcome.pmdBytes }
        count { counters in
            counters.promotions += 1
            counters.promotedBytes += outcome.pmdBytes
        }
        return outcome
    }

    /// The path of an open file below the source.
    private func relativePath(_ descriptor: Int32) -> String? {
        let path = ProcessFiles.target(descriptor).map { String(decoding: $0, as: UTF8.self) }
        let prefix = options.source.string == "/" ? "/" : options.source.string + "/"
        guard let path, path.hasPrefix(prefix) else { return nil }
        return String(path.dropFirst(prefix.count))
    }
}
