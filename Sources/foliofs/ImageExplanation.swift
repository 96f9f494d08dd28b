import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Which segments of a program or library are mapped by PMDs when it runs through a mount, and why others are not.
struct ImageExplanation {
    /// What becomes of one PT_LOAD segment.
    struct Segment: Encodable, Equatable {
        /// Where in the file it begins, in bytes.
        let offset: UInt64
        /// p_vaddr.
        let address: String
        /// Bytes of the file in it.
        let length: UInt64
        /// `r-x` and the like.
        let protection: String
        /// Whole PMD chunks of the file in its pages.
        let wholeChunks: Int
        /// Whether its whole chunks are mapped by PMDs: `allowed` or `denied`.
        let verdict: Verdict
        /// Why, in a sentence.
        let reason: String

        private enum Key: String, CodingKey { case offset, address, length, protection, wholeChunks, verdict, reason }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(offset, forKey: .offset)
            try container.encode(address, forKey: .address)
            try container.encode(length, forKey: .length)
            try container.encode(protection, forKey: .protection)
            try container.encode(wholeChunks, forKey: .wholeChunks)
            try container.encode(verdict.rawValue, forKey: .verdict)
            try container.encode(reason, forKey: .reason)
        }
    }

    /// The PT_LOAD segments in their order.
    let segments: [Segment]
    /// The program that loads it (PT_INTERP); nil: it has none, as a library or a static program.
    let interpreter: String?

    /// The segments of the image in a file; nil: it is none that is understood, or may not be read.
    init?(_ path: FilePath, route: RouteDecision, geometry: PageGeometry) {
        guard let descriptor = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        else { return nil }
        defer { try? descriptor.close() }
        guard let image = ELFImage.read(descriptor.rawValue), let status = try? FileStatus.read(descriptor) else {
            return nil
        }
        interpreter = image.interpreter(in: descriptor.rawValue)
        segments = Self.segments(image, fileSize: status.size, route: route, geometry: geometry)
    }

    /// What becomes of each PT_LOAD of an image that is served by a route.
    static func segments(
        _ image: ELFImage, fileSize: Int, route: RouteDecision, geometry: PageGeometry
    ) -> [Segment] {
        let oddity = image.oddity(fileSize: fileSize, pageSize: geometry.pageSize)
        return image.loads.map { load in
            let (verdict, reason) = answer(load, image, oddity: oddity, route, geometry)
            return Segment(
                offset: load.offset, address: "0x" + String(load.virtualAddress, radix: 16), length: load.fileSize,
                protection: load.protection,
                wholeChunks: load.wholeChunks(pageSize: geometry.pageSize, pmdSize: geometry.pmdSize),
                verdict: verdict, reason: reason)
        }
    }

    private static func answer(
        _ load: ELFImage.Segment, _ image: ELFImage, oddity: String?, _ route: RouteDecision, _ geometry: PageGeometry
    ) -> (Verdict, String) {
        let chunk = ByteSize(bytes: geometry.pmdSize)
        let count = load.wholeChunks(pageSize: geometry.pageSize, pmdSize: geometry.pmdSize)
        if count == 0 { return (.denied, "no whole chunk of \(chunk) of the file is in it") }
        if load.isWritable { return (.denied, "writable: a page that is written to becomes the process's own") }
        if !load.isCongruent(modulo: geometry.pmdSize) {
            return (.denied, "address and file offset differ modulo \(chunk), as it was linked")
        }
        if let oddity { return (.denied, "served as it is: \(oddity)") }
        switch route.route {
        case .plain: return (.denied, "served plain: \(route.reason)")
        case .native where route.promotion == .none: return (.denied, "nothing is promoted: \(route.reason)")
        case .fallback where image.kind == .dynamic && image.segments.contains { $0.type == .interpreter }:
            return (.denied, "a program's placement takes passthrough, and it is served from FUSE's own page cache")
        case .native, .staged, .fallback: break
        }
        if image.kind == .executable { return (.allowed, "fixed at a congruent address") }
        let isProgram = image.segments.contains { $0.type == .interpreter }
        let means = isProgram ? "the aligned exec view" : "FUSE's own alignment of large mappings"
        return (.allowed, "placed at a multiple of \(chunk) by \(means)")
    }

    /// For a person.
    var text: String {
        var table = TextTable("segment", "address", "size", "chunks", "by PMDs", "because")
        for segment in segments {
            table.add(
                "\(segment.protection) +\(String(segment.offset, radix: 16))", segment.address,
                ByteSize(bytes: Int(clamping: segment.length)).description, String(segment.wholeChunks),
                segment.verdict == .allowed ? "yes" : "no", segment.reason)
        }
        return
            (["Which of its segments do PMDs map, run through a mount?"] + table.lines(indent: 2)
            + [interpreter.map { "  Loaded by \($0)." }].compactMap { $0 }).joined(separator: "\n")
    }
}
