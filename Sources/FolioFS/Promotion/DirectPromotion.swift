package import FolioCapability
import FolioPolicy
import Glibc
package import LinuxFacts
package import SystemPackage

/// Promotion of files that no mount of ours serves, in the page cache of their own filesystem, by the calling process.
package struct DirectPromotion {
    private let registry: CapabilityRegistry
    private let reader: FactReader

    /// - Throws: where /proc is not mounted.
    package init(_ registry: CapabilityRegistry) throws(LinuxError) {
        self.registry = registry
        reader = try FactReader()
    }

    /// Promotes a file.
    ///
    /// - Parameter progress: called with the bytes done; false ends it.
    /// - Throws: `LinuxError` where the file cannot be read, mapped or written back; EISDIR and EINVAL for what is no regular file.
    package func promote(_ path: FilePath, progress: (Int) -> Bool) throws(LinuxError) -> PromotionResult {
        let status = try FileStatus.read(path)
        guard status.isRegular else {
            throw LinuxError("promote", path, status.isDirectory ? .isDirectory : .invalidArgument)
        }
        let choice = try choice(path)
        let geometry = reader.kernel().geometry
        do throws(Errno) {
            let file = try path.withPlatformString { path in
                Result { () throws(Errno) in try ProcessFiles.openQuietly(path) }
            }.get()
            let began = MonotonicClock.seconds()
            let promoter = Promoter(pmdSize: geometry.pmdSize, promotion: choice.promotion)
            let outcome = try promoter.promote(file.descriptor, size: status.size, progress: progress)
            return PromotionResult(
                path: path.string, route: (choice.promotion == .none ? Route.plain : .native).rawValue,
                bytes: status.size, eligibleBytes: outcome.eligibleBytes, pmdBytes: outcome.pmdBytes,
                refused: outcome.refused, seconds: MonotonicClock.seconds() - began,
                routeReason: "on no mount of foliofs; " + choice.reason)
        } catch {
            throw LinuxError("promote", path, error)
        }
    }

    /// How it can be promoted where it lies.
    private func choice(_ path: FilePath) throws(LinuxError) -> PromotionChoice {
        let outer = try reader.filesystem(of: path)
        let file = try reader.file(path)
        let resolved = try path.resolved()
        let (filesystem, capability) = registry.resolve(
            path: resolved, filesystem: outer, file: file, kernel: reader.kernel()
        ) { try? reader.filesystem(of: $0) }
        return promotion(
            RouteQuery(
                kernel: reader.kernel(), system: reader.system(for: path, on: filesystem), capability: capability,
                file: file, passthroughGranted: false))
    }
}
