import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Brings about what a scenario wants to find in a file's page cache.
struct CacheSetter {
    let geometry: PageGeometry

    /// Makes a scenario's file, or takes the read-only stage's, with its cache as wanted.
    /// - Returns: its name, and whether it is a hole.
    func prepare(_ scenario: Scenario, on stage: Stage, number: Int) throws -> (name: String, hole: Bool) {
        let isTmpfs = (stage.recipe.filesystem == "tmpfs") || stage.recipe.foundation?.hasPrefix("tmpfs") == true
        let name = stage.recipe.isReadOnly ? "file-\(scenario.fileSize)" : "file-\(number)"
        let path = stage.directory.appending(name)
        if isTmpfs && scenario.cache == .nothing {
            let file = try systemCall {
                path.withPlatformString { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o755) }
            }
            defer { close(file) }
            _ = try systemCall { ftruncate(file, off_t(scenario.fileSize)) }
            return (name, true)
        }
        if !stage.recipe.isReadOnly {
            try Stage.write(path, size: scenario.fileSize, piece: isTmpfs ? geometry.pageSize : 64 << 10)
        }
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        defer { try? file.close() }
        if !isTmpfs && scenario.cache != .asServed { try drop(file) }
        switch scenario.cache {
        case .nothing, .asServed: break
        case .small where isTmpfs: break
        case .small: try read(file, size: scenario.fileSize, piece: geometry.pageSize, advice: POSIX_FADV_RANDOM)
        case .read: try read(file, size: scenario.fileSize, piece: 128 << 10, advice: POSIX_FADV_NORMAL)
        case .pmd: try promote(file, size: scenario.fileSize)
        }
        return (name, false)
    }

    /// Why the cache is not what was wanted; nil: it is.
    func lacking(_ scenario: Scenario, _ file: FileDescriptor) -> String? {
        guard let folios = try? CachedFolio.read(file, geometry: geometry) else { return nil }
        let orders = Set(folios.map(\.order))
        let words = orders.sorted().map { String($0.rawValue) }.joined(separator: " ")
        switch scenario.cache {
        case .nothing: return orders.isEmpty ? nil : "could not empty the page cache: orders \(words)"
        case .small: return orders == [.zero] ? nil : "could not fill the page cache with single pages: orders \(words)"
        case .pmd:
            let wanted = scenario.fileSize / geometry.pmdSize
            return folios.count { $0.order == geometry.pmdOrder } >= wanted
                ? nil : "could not fill the page cache with PMD folios: orders \(words)"
        case .read, .asServed: return nil
        }
    }

    /// Drops the clean folios of a file; a page that a per-CPU batch still holds goes at the second or third try.
    private func drop(_ file: FileDescriptor) throws {
        _ = try? systemCall { fsync(file.rawValue) }
        for _ in 0..<20 {
            posix_fadvise(file.rawValue, 0, 0, POSIX_FADV_DONTNEED)
            if try CacheResidency.presence(file).allSatisfy({ !$0 }) { return }
            usleep(5_000)
        }
    }

    private func read(_ file: FileDescriptor, size: Int, piece: Int, advice: Int32) throws(Errno) {
        posix_fadvise(file.rawValue, 0, 0, advice)
        var buffer = [UInt8](repeating: 0, count: piece)
        for offset in stride(from: 0, to: size, by: piece) {
            _ = try systemCall { pread(file.rawValue, &buffer, piece, off_t(offset)) }
        }
        posix_fadvise(file.rawValue, 0, 0, POSIX_FADV_NORMAL)
    }

    /// PMD folios for the whole chunks of a file: by a populate under MADV_HUGEPAGE, or else by MADV_COLLAPSE.
    private func promote(_ file: FileDescriptor, size: Int) throws(Errno) {
        let whole = size / geometry.pmdSize * geometry.pmdSize
        guard whole > 0 else { return }
        // The fallback of some kernels asks for VM_EXEC.
        let shape = MappingShape(length: whole, exec: true, advice: .hugePage)
        let mapping = try FileMapping(file, shape, geometry: geometry)
        let observer = MappingObserver(geometry: geometry)
        for offset in stride(from: 0, to: whole, by: geometry.pmdSize) {
            try mapping.populate(offset, geometry.pmdSize)
            for _ in 0..<CollapseCall.attempts
            where observer.isPmdMapped(mapping.range(offset, geometry.pmdSize)) != true {
                do throws(Errno) {
                    try mapping.collapse(offset, geometry.pmdSize)
                } catch .resourceTemporarilyUnavailable {
                    usleep(2_000)
                } catch {
                    break
                }
            }
        }
    }
}
