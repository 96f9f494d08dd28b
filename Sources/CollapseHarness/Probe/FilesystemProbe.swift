package import FolioCapability
import FolioPolicy
import Glibc
package import LinuxFacts
package import SystemPackage

/// Measures what a filesystem's page cache holds, way by way, and holds it against what its plugin claims.
///
/// A file of four PMD chunks is made and taken away again; on a filesystem that cannot be written the largest file is
/// used, of which the clean page cache is dropped. Needs CAP_SYS_ADMIN, to see folios in /proc/kpageflags.
package struct FilesystemProbe {
    private let directory: FilePath
    private let reader: FactReader
    private let registry: CapabilityRegistry
    private let kernel: KernelFacts

    /// A probe of the filesystem that holds a directory.
    package init(_ directory: FilePath, reader: FactReader, registry: CapabilityRegistry) {
        self.directory = directory
        self.reader = reader
        self.registry = registry
        kernel = reader.kernel()
    }

    private var geometry: PageGeometry { kernel.geometry }

    /// Measures.
    /// - Throws: where no file can be made or found, or folios cannot be seen.
    package func run() throws -> ProbeReport {
        let outer = try reader.filesystem(of: directory)
        guard outer.type != "hugetlbfs" else {
            throw LinuxError(
                "probe", directory, .notSupported, advice: "hugetlbfs has pages of its own, not folios of a page cache")
        }
        let file = try ProbeFile(in: directory, geometry: geometry)
        var seen: [ProbeObservation] = []
        if file.isOwn {
            seen.append(try write(file, .write, piece: file.size))
            seen.append(try write(file, .smallWrites, piece: 64 << 10))
        }
        for way in [ProbeWay.read, .fault, .advisedFault, .collapse] { seen.append(try measure(file, way)) }
        let (filesystem, capability) = try resolve(file, try reader.file(file.path))
        let claims = ProbeClaim.all(
            capability, seen, geometry: geometry, aligned: try alignment(file), passthrough: backing(file),
            collapseNeedsCapability: kernel.version.map { $0 >= KernelVersion(7, 2) } ?? false)
        return ProbeReport(
            directory: directory.string, filesystem: filesystem, kernel: kernel, capability: capability, seen: seen,
            claims: claims, file: file.isOwn ? nil : file.path.string)
    }

    /// A file written anew, which is then mapped and touched.
    private func write(_ file: ProbeFile, _ way: ProbeWay, piece: Int) throws -> ProbeObservation {
        var decision: Decision?
        if way == .write {
            var facts = try reader.file(file.path)
            facts.size = file.size
            facts.openForWrite = true
            facts.cachedOrders = []
            let mapping = MappingFacts(
                address: 0x7f00_0000_0000, offset: 0, length: file.size, exec: false, touched: false,
                advice: MappingAdvice.none)
            decision = try decide(file, facts, mapping, .write)
        }
        let descriptor = try file.write(piece: piece)
        defer { try? descriptor.close() }
        let folios = try CachedFolio.read(descriptor, length: file.size, geometry: geometry)
        let mapping = try FileMapping(descriptor, MappingShape(length: file.size), geometry: geometry)
        mapping.touch(0, file.size, pageSize: geometry.pageSize)
        return ProbeObservation(
            way: way, orders: FolioOrderSet(folios.map(\.order)), pmdMapped: isPmdMapped(mapping, file), errno: nil,
            dirty: folios.contains(where: \.dirty), decision: decision)
    }

    /// A file of which nothing is cached, brought in by one way.
    private func measure(_ file: ProbeFile, _ way: ProbeWay) throws -> ProbeObservation {
        // First, because looking for an ELF header reads a page in.
        var facts = try reader.file(file.path)
        try file.empty()
        let descriptor = try file.open()
        defer { try? descriptor.close() }
        if way == .collapse { try singlePages(descriptor, size: file.size) }
        (facts.cachedOrders, facts.dirty) = try state(descriptor, file)
        let shape = MappingShape(
            length: file.size, exec: way == .collapse && !isNoExec(file),
            advice: way == .advisedFault ? .hugePage : .none)
        let mapping = try FileMapping(descriptor, shape, geometry: geometry)
        var mapped = MappingFacts(
            address: mapping.range(0, file.size).start, offset: 0, length: file.size, exec: shape.exec,
            touched: false, advice: shape.advice)
        let decision: Decision
        var errno: String?
        switch way {
        case .write, .smallWrites, .read:
            decision = try decide(file, facts, mapped, .readahead)
            var buffer = [UInt8](repeating: 0, count: 128 << 10)
            for offset in stride(from: 0, to: file.size, by: buffer.count) {
                _ = try systemCall { pread(descriptor.rawValue, &buffer, buffer.count, off_t(offset)) }
            }
            mapping.touch(0, file.size, pageSize: geometry.pageSize)
        case .fault, .advisedFault:
            decision = try decide(file, facts, mapped, .fault)
            mapping.touch(0, file.size, pageSize: geometry.pageSize)
        case .collapse:
            mapping.touch(0, file.size, pageSize: geometry.pageSize)
            mapped.touched = true
            (facts.cachedOrders, facts.dirty) = try state(descriptor, file)
            decision = try decide(file, facts, mapped, .collapse)
            for chunk in shape.wholeChunks(pmdSize: geometry.pmdSize) {
                let failed = CollapseCall.run(expecting: decision) { () throws(Errno) in
                    try mapping.collapse(chunk, geometry.pmdSize)
                }
                errno = failed ?? errno
            }
        }
        let pmdMapped = isPmdMapped(mapping, file)
        let folios = try CachedFolio.read(descriptor, length: file.size, geometry: geometry)
        return ProbeObservation(
            way: way, orders: FolioOrderSet(folios.map(\.order)), pmdMapped: pmdMapped, errno: errno,
            dirty: folios.contains(where: \.dirty), decision: decision)
    }

    private func decide(
        _ file: ProbeFile, _ facts: FileFacts, _ mapping: MappingFacts, _ operation: Operation
    ) throws(LinuxError) -> Decision {
        let (filesystem, capability) = try resolve(file, facts)
        return FolioPolicy.decide(
            PolicyQuery(
                kernel: kernel, system: reader.system(), filesystem: filesystem, capability: capability, file: facts,
                mapping: mapping, operation: operation))
    }

    /// What is claimed, native plugins being asked too.
    private func resolve(
        _ file: ProbeFile, _ facts: FileFacts
    ) throws(LinuxError) -> (filesystem: FilesystemFacts, capability: FilesystemCapability) {
        let path = try file.path.resolved()
        return registry.resolve(
            path: path, filesystem: try reader.filesystem(of: path), file: facts, kernel: kernel
        ) { try? reader.filesystem(of: $0) }
    }

    private func state(_ descriptor: FileDescriptor, _ file: ProbeFile) throws(Errno) -> (FolioOrderSet, Bool) {
        let folios = try CachedFolio.read(descriptor, length: file.size, geometry: geometry)
        return (FolioOrderSet(folios.map(\.order)), folios.contains(where: \.dirty))
    }

    /// Has every page in the cache by itself, as far as the filesystem makes single pages at all.
    private func singlePages(_ descriptor: FileDescriptor, size: Int) throws(Errno) {
        posix_fadvise(descriptor.rawValue, 0, 0, POSIX_FADV_RANDOM)
        var buffer = [UInt8](repeating: 0, count: geometry.pageSize)
        for offset in stride(from: 0, to: size, by: buffer.count) {
            _ = try systemCall { pread(descriptor.rawValue, &buffer, buffer.count, off_t(offset)) }
        }
        posix_fadvise(descriptor.rawValue, 0, 0, POSIX_FADV_NORMAL)
    }

    private func isPmdMapped(_ mapping: borrowing FileMapping, _ file: ProbeFile) -> Bool? {
        let observer = MappingObserver(geometry: geometry)
        for offset in stride(from: 0, to: file.size, by: geometry.pmdSize) {
            guard let mapped = observer.isPmdMapped(mapping.range(offset, geometry.pmdSize)) else { return nil }
            guard mapped else { return false }
        }
        return true
    }

    /// Whether PROT_EXEC is refused there (a noexec mount).
    private func isNoExec(_ file: ProbeFile) -> Bool {
        (try? reader.filesystem(of: file.path))?.mountOptions?["noexec"] != nil
    }

    /// Whether the file can back FUSE passthrough: a mount of FolioFS is made beside, for as long as it takes to touch a page of
    /// the file there; nil: the kernel has no passthrough, or no such mount could be made.
    private func backing(_ file: ProbeFile) -> Bool? {
        guard let version = kernel.version, version >= KernelVersion(6, 9), kernel.config["FUSE_PASSTHROUGH"] != false,
            let name = file.path.lastComponent,
            let mount = try? TemporaryMount(of: file.path.removingLastComponent(), route: .native)
        else { return nil }
        return (try? MappedPages(mount.mountpoint.appending(name)))?.areOfItsCache.map { !$0 }
    }

    /// Whether sixteen large mappings in a row, with small ones between, are all placed at PMD-aligned addresses.
    private func alignment(_ file: ProbeFile) throws(Errno) -> Bool? {
        let descriptor = try file.open()
        defer { try? descriptor.close() }
        // No multiple of the PMD size: 6.12 aligns any file's mapping of such a length.
        let length = file.size - geometry.pageSize
        guard length >= geometry.pmdSize else { return nil }
        var ranges: [(UnsafeMutableRawPointer, Int)] = []
        defer { for (start, length) in ranges { munmap(start, length) } }
        var aligned = true
        for round in 1...16 {
            let space = mmap(nil, round * geometry.pageSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            if let space, space != MAP_FAILED { ranges.append((space, round * geometry.pageSize)) }
            guard let start = mmap(nil, length, PROT_READ, MAP_PRIVATE, descriptor.rawValue, 0), start != MAP_FAILED
            else { throw Errno(rawValue: errno) }
            ranges.append((start, length))
            if Int(bitPattern: start) % geometry.pmdSize != 0 { aligned = false }
        }
        return aligned
    }
}
