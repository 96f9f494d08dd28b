import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// What of a file is in the page cache, in which folios.
struct PageCacheMap: Encodable {
    /// Neighbouring bytes that are cached alike.
    struct Run: Encodable, Equatable {
        /// In bytes, of the file.
        let offset: Int
        var length: Int
        /// The order of the folios; nil: cached, and not told (without root).
        let order: Int?
        /// Whether a PMD maps them for a program that maps the file congruently and touches it.
        let pmdMapped: Bool
    }

    /// The folios of one order.
    struct Folios: Encodable, Equatable {
        let order: Int?
        /// How many; of those that begin before the file's first cached byte or go beyond its end as well.
        let count: Int?
        /// Bytes of the file in them.
        var bytes: Int
    }

    let path: String
    let filesystem: String?
    let size: Int
    let cachedBytes: Int
    let pmdMappedBytes: Int
    let pageSize: Int
    let pmdSize: Int
    let folios: [Folios]
    let runs: [Run]

    /// Bytes that are looked at at a time.
    private static let window = 256 << 20

    /// - Throws: what open(2) says; EINVAL for what is no regular file, ENODEV for one that cannot be mapped.
    /// - Parameter progress: told how many bytes have been looked at, of how many.
    init(_ path: FilePath, reader: FactReader, progress: (_ done: Int, _ total: Int) -> Void) throws {
        let status = try FileStatus.read(path)
        guard status.isRegular else {
            throw LinuxError("map", path, .invalidArgument, advice: "only regular files have a page cache of this kind")
        }
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw LinuxError("open", path, (error as? Errno) ?? .ioError)
        }
        defer { try? file.close() }
        let filesystem = (try? reader.filesystem(of: path))?.type
        let geometry = reader.kernel().geometry
        var runs: [Run] = []
        var heads: [Int: Int] = [:]
        do throws(Errno) {
            let counts = !Self.mapsAnotherFile(filesystem)
            for window in Self.cachedWindows(file, 0..<min(status.size, geometry.mappingReach), counts: counts) {
                let (offset, length) = (window.lowerBound, window.count)
                progress(offset, min(status.size, geometry.mappingReach))
                let pmdMapped = try Self.pmdMapped(file, offset, length, geometry)
                for piece in try Self.pieces(file, offset, length, geometry) {
                    if let order = piece.order, piece.isWhole { heads[order, default: 0] += 1 }
                    let mapped = pmdMapped.contains(piece.offset / geometry.pmdSize)
                    Self.append(piece, pmdMapped: mapped, to: &runs)
                }
            }
        } catch {
            throw LinuxError(
                "map", path, error,
                advice: error == .notPermitted
                    ? "the kernel tells only the owner, who may write it, and root what of it is cached" : nil)
        }
        self.path = path.string
        self.filesystem = filesystem
        size = status.size
        cachedBytes = runs.reduce(0) { $0 + $1.length }
        pmdMappedBytes = runs.reduce(0) { $0 + ($1.pmdMapped ? $1.length : 0) }
        pageSize = geometry.pageSize
        pmdSize = geometry.pmdSize
        let bytes = Dictionary(runs.map { ($0.order, $0.length) }, uniquingKeysWith: +)
        folios = bytes.sorted { ($0.key ?? -1) < ($1.key ?? -1) }.map { order, bytes in
            Folios(order: order, count: order.map { heads[$0] ?? 0 }, bytes: bytes)
        }
        self.runs = runs
    }

    /// Whether a mapping of a file may be one of another file, whose page cache is then what is drawn: a layer's, or the one that
    /// FUSE passthrough names. cachestat(2) counts the page cache of the file that is open (Linux 6.18 mm/filemap.c, f_mapping, read).
    private static func mapsAnotherFile(_ filesystem: String?) -> Bool {
        filesystem == "overlay" || filesystem?.hasPrefix("fuse") == true
    }

    /// The windows of a range with something cached in them, ascending: by halves, since cachestat(2) is quick however long
    /// a range is. Where it is not there (before Linux 6.5), or does not count what is mapped, all of them.
    private static func cachedWindows(
        _ file: FileDescriptor, _ range: Range<Int>, counts: Bool
    ) -> [Range<Int>] {
        guard !range.isEmpty else { return [] }
        if counts, (try? CacheResidency.read(file, offset: range.lowerBound, length: range.count))?.cached == 0 {
            return []
        }
        guard range.count > window else { return [range] }
        let middle = range.lowerBound + (range.count / 2 + window - 1) / window * window
        return cachedWindows(file, range.lowerBound..<middle, counts: counts)
            + cachedWindows(file, middle..<range.upperBound, counts: counts)
    }

    private struct Piece {
        let offset: Int
        let length: Int
        let order: Int?
        /// Whether it is where its folio begins.
        let isWhole: Bool
    }

    private static func append(_ piece: Piece, pmdMapped: Bool, to runs: inout [Run]) {
        if let last = runs.last, last.offset + last.length == piece.offset, last.order == piece.order,
            last.pmdMapped == pmdMapped
        {
            runs[runs.count - 1].length += piece.length
        } else {
            runs.append(Run(offset: piece.offset, length: piece.length, order: piece.order, pmdMapped: pmdMapped))
        }
    }

    /// What is cached of a window, by folio; by page where the orders are not told.
    private static func pieces(
        _ file: FileDescriptor, _ offset: Int, _ length: Int, _ geometry: PageGeometry
    ) throws(Errno) -> [Piece] {
        let end = offset + length
        do throws(Errno) {
            return try CachedFolio.read(file, offset: offset, length: length, geometry: geometry).compactMap { folio in
                let start = max(offset, folio.offset)
                let stop = folio.offset + min(end - folio.offset, geometry.pageSize << Int(folio.order.rawValue))
                guard stop > start else { return nil }
                return Piece(
                    offset: start, length: stop - start, order: Int(folio.order.rawValue),
                    isWhole: start == folio.offset)
            }
        } catch {
            guard error == .notPermitted || error == .permissionDenied else { throw error }
        }
        // Who neither owns the file nor may write it is told by mincore(2) that all is cached, and by cachestat(2) the truth.
        do throws(Errno) {
            _ = try CacheResidency.read(file, offset: offset, length: length)
        } catch {
            guard error != .notPermitted else { throw error }
        }
        return try CacheResidency.presence(file, offset: offset, length: length).enumerated().compactMap {
            page, cached in
            let start = offset + page * geometry.pageSize
            return cached
                ? Piece(offset: start, length: min(geometry.pageSize, end - start), order: nil, isWhole: true) : nil
        }
    }

    /// The chunks of a window, by number, that PMDs map where they are touched. What is not cached is not touched.
    private static func pmdMapped(
        _ file: FileDescriptor, _ offset: Int, _ length: Int, _ geometry: PageGeometry
    ) throws(Errno) -> Set<Int> {
        guard geometry.reachesPMD, length >= geometry.pmdSize else { return [] }
        let present = try CacheResidency.presence(file, offset: offset, length: length)
        let pages = geometry.pmdSize / geometry.pageSize
        let mapping = try AlignedMapping(
            file.rawValue, offset: offset, length: length, alignment: geometry.pmdSize, protection: PROT_READ)
        var found: Set<Int> = []
        for chunk in 0..<length / geometry.pmdSize {
            guard present[chunk * pages..<(chunk + 1) * pages].allSatisfy({ $0 }) else { continue }
            let place = chunk * geometry.pmdSize
            mapping.touch(place)
            let start = UInt64(UInt(bitPattern: mapping.start + place))
            let range = AddressRange(start, start + UInt64(geometry.pmdSize))
            if (try? PagemapScan.pmdMappedBytes(range)) == geometry.pmdSize {
                found.insert((offset + place) / geometry.pmdSize)
            }
        }
        return found
    }
}
