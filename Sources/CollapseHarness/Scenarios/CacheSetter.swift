import CLinuxShims
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Brings about what a scenario wants to find in a file's page cache.
struct CacheSetter {
    let geometry: PageGeometry

    /// Makes a scenario's file, or takes the read-only stage's, with its cache as wanted.
    /// - Returns: its name, and where it has bytes.
    func prepare(_ scenario: Scenario, on stage: Stage, number: Int) throws -> (name: String, layout: Content.Layout) {
        let isShmem = stage.recipe.isShmem
        let size = scenario.file.size(pmdSize: geometry.pmdSize)
        let layout = scenario.file.layout
        let name = stage.recipe.isReadOnly ? "file-\(scenario.file.rawValue)" : "file-\(number)"
        let path = stage.directory.appending(name)
        if isShmem && scenario.cache == .nothing {
            let file = try systemCall {
                path.withPlatformString { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o755) }
            }
            defer { close(file) }
            _ = try systemCall { ftruncate(file, off_t(size)) }
            return (name, .hole)
        }
        if !stage.recipe.isReadOnly {
            let piece = scenario.cache == .written ? size : isShmem ? geometry.pageSize : 64 << 10
            try Stage.write(path, size: size, layout: layout, piece: piece)
        }
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        defer { try? file.close() }
        if !isShmem && scenario.cache != .asServed && scenario.cache != .written { try drop(file) }
        switch scenario.cache {
        case .nothing, .written: break
        case .asServed: if stage.recipe.promotesBehind { awaitPromotion(stage.view.appending(name)) }
        case .small where isShmem: break
        case .small: try readSmall(file, to: size)
        case .half: if isShmem { try punch(path, size) } else { try readHalf(file, size) }
        case .read: try read(file, to: size)
        case .pmd: try promote(file, to: size)
        case .mixed:
            try promote(file, to: geometry.pmdSize)
            guard !isShmem else { break }
            // Readahead may have gone on past the first chunk.
            posix_fadvise(file.rawValue, off_t(geometry.pmdSize), 0, POSIX_FADV_DONTNEED)
            try readSmall(file, from: geometry.pmdSize, to: size)
        }
        return (name, isShmem && scenario.cache == .half ? .alternate(page: geometry.pageSize) : layout)
    }

    /// Why the cache is not what was wanted; nil: it is.
    func lacking(_ scenario: Scenario, _ file: FileDescriptor) -> String? {
        guard let folios = try? CachedFolio.read(file, geometry: geometry) else { return nil }
        let orders = Set(folios.map(\.order))
        let words = orders.sorted().map { String($0.rawValue) }.joined(separator: " ")
        func count(_ wanted: Int) -> String? {
            folios.count { $0.order == geometry.pmdOrder } >= wanted
                ? nil : "could not fill the page cache with PMD folios: orders \(words)"
        }
        switch scenario.cache {
        case .nothing: return orders.isEmpty ? nil : "could not empty the page cache: orders \(words)"
        case .small: return orders == [.zero] ? nil : "could not fill the page cache with single pages: orders \(words)"
        case .half:
            return orders == [.zero] && (folios.dropFirst().first?.offset ?? 0) == 2 * geometry.pageSize
                ? nil : "could not fill the page cache with every other page: orders \(words)"
        case .pmd: return count(scenario.file.size(pmdSize: geometry.pmdSize) / geometry.pmdSize)
        case .mixed: return count(1) ?? (orders.contains(.zero) ? nil : "could not keep single pages: orders \(words)")
        case .read, .written, .asServed: return nil
        }
    }

    /// Has the server promote a file now: it would do so behind, in the middle of the scenario.
    private func awaitPromotion(_ path: FilePath) {
        // Where it cannot be promoted the scenario shows that.
        _ = Program.run(["/proc/self/exe", "promote", "--wait", path.string])
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

    /// Reads pieces of so many bytes that begin so many bytes apart; nil: one behind the other.
    private func read(
        _ file: FileDescriptor, from start: Int = 0, to end: Int, piece: Int = 128 << 10, apart: Int? = nil
    ) throws(Errno) {
        var buffer = [UInt8](repeating: 0, count: piece)
        for offset in stride(from: start, to: end, by: apart ?? piece) {
            _ = try systemCall { pread(file.rawValue, &buffer, piece, off_t(offset)) }
        }
    }

    /// Reads without readahead, which then is by folios of order 0, however much is asked for at once (5.19 mm/readahead.c
    /// force_page_cache_ra()).
    private func readSmall(_ file: FileDescriptor, from start: Int = 0, to end: Int) throws(Errno) {
        posix_fadvise(file.rawValue, 0, 0, POSIX_FADV_RANDOM)
        defer { posix_fadvise(file.rawValue, 0, 0, POSIX_FADV_NORMAL) }
        try read(file, from: start, to: end)
    }

    /// Reads every other page, from the first.
    private func readHalf(_ file: FileDescriptor, _ size: Int) throws(Errno) {
        posix_fadvise(file.rawValue, 0, 0, POSIX_FADV_RANDOM)
        defer { posix_fadvise(file.rawValue, 0, 0, POSIX_FADV_NORMAL) }
        try read(file, to: size, piece: geometry.pageSize, apart: 2 * geometry.pageSize)
    }

    /// Punches out every other page, from the second.
    private func punch(_ path: FilePath, _ size: Int) throws {
        let file = try FileDescriptor.open(path, .readWrite, options: [.closeOnExec])
        defer { try? file.close() }
        for offset in stride(from: geometry.pageSize, to: size, by: 2 * geometry.pageSize) {
            _ = try systemCall {
                folio_allocate(
                    file.rawValue, Int32(FOLIO_FALLOC_PUNCH_HOLE | FOLIO_FALLOC_KEEP_SIZE), Int64(offset),
                    Int64(geometry.pageSize))
            }
        }
    }

    /// PMD folios for the whole chunks of a file: by a populate under MADV_HUGEPAGE, or else by MADV_COLLAPSE.
    private func promote(_ file: FileDescriptor, to size: Int) throws(Errno) {
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
