package import FolioCapability
package import FolioPolicy
import Glibc
package import LinuxFacts
package import SystemPackage

/// Maps a file, touches it, calls madvise(MADV_COLLAPSE) on every whole chunk, and holds the kernel to the policy.
package struct CollapseRun {
    private let reader: FactReader
    private let kernel: KernelFacts
    private let registry: CapabilityRegistry
    private let trace: KhugepagedTrace?

    /// A run with these capabilities.
    /// - Parameters:
    ///   - kernel: the kernel's facts; nil: as the reader has them.
    ///   - trace: where SCAN codes are read from; nil: they are not.
    package init(
        reader: FactReader, kernel: KernelFacts? = nil, registry: CapabilityRegistry, trace: KhugepagedTrace? = nil
    ) {
        self.reader = reader
        self.kernel = kernel ?? reader.kernel()
        self.registry = registry
        self.trace = trace
    }

    /// Bytes that are touched before that is told.
    private static let touchedAtOnce = 64 << 20

    /// Runs on one file.
    ///
    /// - Parameters:
    ///   - path: a regular file that can be read.
    ///   - offset: where to begin, in bytes; rounded down to a page.
    ///   - length: bytes; nil: to the end of the file.
    ///   - exec: whether the mapping is PROT_EXEC too.
    ///   - progress: told what is being done, and how many bytes of it of how many have been.
    /// - Throws: what open(2), fstat(2) and mmap(2) say; EINVAL for what is not a regular file, or a range outside it.
    package func run(
        path: FilePath, offset: Int = 0, length: Int? = nil, exec: Bool = false,
        progress: (_ step: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
    ) throws(LinuxError) -> CollapseReport {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw LinuxError("open", path, (error as? Errno) ?? .ioError)
        }
        defer { try? file.close() }
        let facts = try reader.file(path)
        guard facts.regular == true, let size = facts.size else {
            throw LinuxError("collapse", path, .invalidArgument, advice: "it is not a regular file")
        }
        let geometry = kernel.geometry
        let start = max(0, offset) / geometry.pageSize * geometry.pageSize
        let end = length.map { min(size, max(offset, 0).addingClamped($0)) } ?? size
        guard offset >= 0, start < end else {
            if size == 0 && offset == 0 { return CollapseReport(path: path.string, chunks: []) }
            throw LinuxError("collapse", path, .invalidArgument, advice: "it has \(size) bytes, none in that range")
        }
        let shape = MappingShape(offset: start, length: end - start, exec: exec)
        do {
            let mapping = try FileMapping(file, shape, geometry: geometry)
            for place in stride(from: start, to: end, by: Self.touchedAtOnce) {
                mapping.touch(place, min(Self.touchedAtOnce, end - place), pageSize: geometry.pageSize)
                progress("reading in", min(place + Self.touchedAtOnce, end) - start, end - start)
            }
            var chunks: [CollapseReport.Chunk] = []
            let situation = try Situation(path, open: file, reader: reader, kernel: kernel, registry: registry)
            // The last page of the file counts whole, as it does for the kernel.
            let whole = MappingShape(
                offset: start, length: (end - start + geometry.pageSize - 1) / geometry.pageSize * geometry.pageSize)
            for chunk in whole.wholeChunks(pmdSize: geometry.pmdSize) {
                let now = try situation.renewed(path, reader: reader)
                chunks.append(collapse(mapping, chunk, fileSize: size, now))
                progress("collapsing", chunks.count * geometry.pmdSize, end - start)
            }
            return CollapseReport(path: path.string, chunks: chunks)
        } catch let error as LinuxError {
            throw error
        } catch {
            throw LinuxError("map", path, (error as? Errno) ?? .ioError)
        }
    }

    private func collapse(
        _ mapping: borrowing FileMapping, _ offset: Int, fileSize: Int, _ situation: Situation
    ) -> CollapseReport.Chunk {
        let size = situation.kernel.geometry.pmdSize
        let observer = MappingObserver(geometry: situation.kernel.geometry)
        let range = mapping.range(offset, size)
        let readable = min(size, fileSize - offset) & ~7
        let checksum = Content.checksum(mapping.bytes(offset, readable))
        let before = observer.isPmdMapped(range)
        let pages = observer.pages(range)
        let decision = situation.decide(
            MappingFacts(
                address: range.start, offset: offset, length: size, exec: mapping.shape.exec, touched: true,
                pmdMapped: before, advice: MappingAdvice.none), .collapse)
        _ = trace?.drain()
        let errno = CollapseCall.run(expecting: decision) { () throws(Errno) in try mapping.collapse(offset, size) }
        let reason = trace?.drainOwn()
        let pmdMapped = observer.isPmdMapped(range)
        let after = observer.frames(range)
        let seen = ChunkObservation(
            errno: errno, pmdMappedBefore: before, pmdMapped: pmdMapped,
            moved: MappingObserver.moved(from: pages, to: after?.map(\.page)),
            orders: after.map { FolioOrderSet($0.map(\.order)) },
            scanReason: reason, traced: trace != nil,
            contentIntact: Content.checksum(mapping.bytes(offset, readable)) == checksum)
        return CollapseReport.Chunk(offset: offset, decision: decision, seen: seen)
    }
}

extension Int {
    /// The sum, or the largest number where it does not fit.
    func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }
}
