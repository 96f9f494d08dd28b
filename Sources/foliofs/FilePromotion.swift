import FolioCapability
import FolioFS
import LinuxFacts
import SystemPackage

/// Brings huge folios about for a file: by the server of the mount that it is on, or here, in the page cache of its own
/// filesystem.
final class FilePromotion {
    /// Read when a file is met that no server of ours has.
    private let registry: () throws -> CapabilityRegistry
    /// Whether what comes of it is waited for, where a server does it.
    private let waits: Bool
    private let showsProgress: Bool
    /// Made when it is first needed.
    private var direct: DirectPromotion?

    init(_ registry: @autoclosure @escaping () throws -> CapabilityRegistry, waits: Bool, showsProgress: Bool) {
        (self.registry, self.waits, self.showsProgress) = (registry, waits, showsProgress)
    }

    /// Promotes a file.
    /// - Returns: what came of it; nil: a server goes on with it behind.
    func promote(_ path: String) throws -> PromotionResult? {
        guard let (mount, below) = try ServedMount.containing(path) else { return try promoteHere(path) }
        var last: PromotionEvent?
        let progress = ProgressBar(path, shows: waits && showsProgress)
        let message = ControlMessage(
            .promote, path: below.withPlatformString { Array(String(cString: $0).utf8) }, waits: waits)
        try mount.ask(message) { (event: PromotionEvent) in
            last = event
            if let done = event.done { progress.show(done, of: event.total) }
            return waits
        }
        progress.end()
        if let error = last?.error { throw CommandFailure(error) }
        if waits, last?.result == nil {
            throw CommandFailure("cannot promote \(path): EPROTO; the server ended its answer early")
        }
        return last?.result
    }

    private func promoteHere(_ path: String) throws -> PromotionResult {
        let promotion = try direct ?? DirectPromotion(registry())
        direct = promotion
        let progress = ProgressBar(path, shows: showsProgress)
        defer { progress.end() }
        let size = try FileStatus.read(FilePath(path)).size
        return try promotion.promote(FilePath(path)) { done in
            progress.show(done, of: size)
            return true
        }
    }
}
