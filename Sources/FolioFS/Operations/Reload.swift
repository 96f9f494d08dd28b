import FolioPolicy
import Logging
import SystemPackage

/// How a configuration that has changed comes into force.
extension FolioFilesystem {
    /// Reads the policy again and puts it into force, as a whole or not at all: files get their routes by it from their next
    /// first open on.
    func reload() -> ReloadResult {
        reloading.withLock { lastRefusal in
            do {
                if let policy = try options.reload?() { router.live.replace(policy) }
                lastRefusal = nil
                logger.info("the configuration was read again")
            } catch {
                lastRefusal = "\(error)"
                logger.error("the configuration was refused, the one before stays: \(error)")
            }
            let policy = router.live.current.policy
            return ReloadResult(
                mountpoint: options.mountpoint.string, configuration: policy.configuration,
                rules: policy.rules.rules.count, atNextMount: policy.atNextMount, error: lastRefusal)
        }
    }
}
