import Glibc

/// The headers of a 64-bit little-endian ELF program or library, from bytes.
///
/// Source: elf(5). What is not wholly understood (another class or byte order, entries of another size, a table that is
/// cut off) is no image here.
package struct ELFImage: Hashable, Sendable {
    /// e_type, of the two that can be run or loaded.
    package enum Kind: Hashable, Sendable {
        /// ET_EXEC: linked for one address.
        case executable
        /// ET_DYN: a position-independent program or a library.
        case dynamic
    }

    /// p_type of a segment.
    package enum SegmentType: Hashable, Sendable {
        /// PT_LOAD.
        case load
        /// PT_INTERP.
        case interpreter
        /// PT_PHDR.
        case programHeaders
        /// Another, by its number.
        case other(UInt32)
    }

    /// One program header.
    package struct Segment: Hashable, Sendable {
        /// p_type.
        package var type: SegmentType
        /// p_flags: 1 execute, 2 write, 4 read.
        package var flags: UInt32
        /// p_offset: bytes from the file's beginning.
        package var offset: UInt64
        /// p_vaddr.
        package var virtualAddress: UInt64
        /// p_filesz in bytes.
        package var fileSize: UInt64
        /// p_memsz in bytes.
        package var memorySize: UInt64
        /// p_align in bytes.
        package var alignment: UInt64
        /// PF_X.
        package var isExecutable: Bool { flags & 1 != 0 }
        /// PF_W.
        package var isWritable: Bool { flags & 2 != 0 }

        /// Whether address and offset agree modulo `size`, a power of two: what a mapping by PMDs needs.
        package func isCongruent(modulo size: Int) -> Bool {
            (virtualAddress &- offset) & UInt64(size - 1) == 0
        }
    }

    /// Bytes of the ELF header.
    package static let headerSize = 64
    /// Bytes of one program header.
    package static let programHeaderSize = 56
    /// Where in a program header p_align begins.
    package static let alignmentField = 48

    /// What the file is.
    package var kind: Kind
    /// e_machine: 62 is x86-64, 183 aarch64.
    package var machine: UInt16
    /// e_entry.
    package var entry: UInt64
    /// e_phoff: where in the file the program headers begin.
    package var programHeaderOffset: Int
    /// The program headers in their order.
    package var segments: [Segment]

    /// Where the program headers are in the file, from its first 64 bytes; nil: not an image that is understood.
    package static func programHeaderRange(_ header: [UInt8]) -> Range<Int>? {
        guard header.count >= headerSize, header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]),
            number(header, 20, 4) == 1, number(header, 52, 2) == headerSize, number(header, 54, 2) == programHeaderSize
        else { return nil }
        let count = Int(number(header, 56, 2))
        // 0xffff is PN_XNUM: the real number is elsewhere.
        guard count > 0, count < 0xffff, let start = Int(exactly: number(header, 32, 8)), start >= headerSize,
            start < 1 << 40
        else { return nil }
        return start..<start + count * programHeaderSize
    }

    /// An image from its first 64 bytes and its program headers, which `programHeaderRange` has found; nil: not one that
    /// is understood.
    package static func parse(_ header: [UInt8], programHeaders: [UInt8]) -> ELFImage? {
        guard let range = programHeaderRange(header), programHeaders.count >= range.count else { return nil }
        let kind: Kind
        switch number(header, 16, 2) {
        case 2: kind = .executable
        case 3: kind = .dynamic
        default: return nil
        }
        let segments = stride(from: 0, to: range.count, by: programHeaderSize).map { start in
            segment(programHeaders, start)
        }
        return ELFImage(
            kind: kind, machine: UInt16(number(header, 18, 2)), entry: number(header, 24, 8),
            programHeaderOffset: range.lowerBound, segments: segments)
    }

    /// The image in an open file; nil: it holds none that is understood, or cannot be read.
    package static func read(_ descriptor: Int32) -> ELFImage? {
        guard let header = bytes(descriptor, 0, headerSize), let range = programHeaderRange(header),
            let table = bytes(descriptor, range.lowerBound, range.count)
        else { return nil }
        return parse(header, programHeaders: table)
    }

    private static func bytes(_ descriptor: Int32, _ offset: Int, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(descriptor, &bytes, count, off_t(offset)) == count ? bytes : nil
    }

    /// An image from the beginning of a file, where that holds the program headers as well; nil: not so.
    package static func parse(_ beginning: [UInt8]) -> ELFImage? {
        guard let range = programHeaderRange(beginning), range.upperBound <= beginning.count else { return nil }
        return parse(beginning, programHeaders: Array(beginning[range]))
    }

    /// The path of the program that loads it (PT_INTERP), from the file that it is in; nil: it has none, as a library or a
    /// static program, or it is not there.
    package func interpreter(in descriptor: Int32) -> String? {
        guard let segment = segments.first(where: { $0.type == .interpreter }),
            segment.fileSize > 1, segment.fileSize <= 4096, let offset = Int(exactly: segment.offset),
            let name = Self.bytes(descriptor, offset, Int(segment.fileSize)), name.last == 0
        else { return nil }
        return String(decoding: name.dropLast(), as: UTF8.self)
    }

    /// The PT_LOAD segments.
    package var loads: [Segment] { segments.filter { $0.type == .load } }

    /// Whether the PT_LOAD segments ascend, do not overlap, hold no more of the file than of memory and stay inside 64
    /// bits: what the kernel's loader counts on.
    package var isWellFormed: Bool {
        var end: UInt64 = 0
        for load in loads {
            let (next, overflow) = load.virtualAddress.addingReportingOverflow(load.memorySize)
            let (_, beyond) = load.offset.addingReportingOverflow(load.fileSize)
            if overflow || beyond || load.fileSize > load.memorySize || load.virtualAddress < end { return false }
            end = next
        }
        return !loads.isEmpty
    }

    private static func segment(_ table: [UInt8], _ start: Int) -> Segment {
        let type: SegmentType
        switch UInt32(number(table, start, 4)) {
        case 1: type = .load
        case 3: type = .interpreter
        case 6: type = .programHeaders
        case let other: type = .other(other)
        }
        return Segment(
            type: type, flags: UInt32(number(table, start + 4, 4)), offset: number(table, start + 8, 8),
            virtualAddress: number(table, start + 16, 8), fileSize: number(table, start + 32, 8),
            memorySize: number(table, start + 40, 8), alignment: number(table, start + alignmentField, 8))
    }

    /// A little-endian number of `size` bytes.
    private static func number(_ bytes: [UInt8], _ start: Int, _ size: Int) -> UInt64 {
        bytes[start..<start + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
