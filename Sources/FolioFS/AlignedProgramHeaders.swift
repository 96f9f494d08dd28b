import Glibc
import LinuxFacts

/// The aligned exec view: an ELF image's program headers with p_align raised to the PMD size, so that the kernel places a
/// position-independent program where its text is congruent with its file.
///
/// Source: Linux 6.18 fs/binfmt_elf.c maximum_alignment(), load_elf_binary(); measured.
enum AlignedProgramHeaders {
    /// Eight bytes that the view shows instead of the file's.
    struct Patch: Hashable, Sendable {
        let offset: Int
        let value: UInt64
    }

    /// The bytes to change in the headers of the image at `descriptor`; empty where it is not wholly understood or has
    /// nothing to gain.
    static func patches(_ descriptor: Int32, pmdSize: Int) -> [Patch] {
        guard let header = bytes(descriptor, 0, ELFImage.headerSize),
            let range = ELFImage.programHeaderRange(header),
            let table = bytes(descriptor, range.lowerBound, range.count),
            let image = ELFImage.parse(header, programHeaders: table), image.kind == .dynamic,
            image.isWellFormed,
            image.loads.contains(where: { Int($0.fileSize) >= pmdSize && $0.isCongruent(modulo: pmdSize) })
        else { return [] }
        return image.segments.enumerated().compactMap { index, segment in
            guard segment.type == .load, segment.isCongruent(modulo: pmdSize), segment.alignment < UInt64(pmdSize)
            else {
                return nil
            }
            let field = image.programHeaderOffset + index * ELFImage.programHeaderSize + ELFImage.alignmentField
            return Patch(offset: field, value: UInt64(pmdSize))
        }
    }

    /// Puts what `patches` change into `buffer`, which holds the file's bytes from `offset` on.
    static func apply(_ patches: [Patch], to buffer: UnsafeMutableRawBufferPointer, offset: Int) {
        for patch in patches {
            for (index, byte) in withUnsafeBytes(of: patch.value.littleEndian, Array.init).enumerated() {
                let place = patch.offset + index - offset
                if buffer.indices.contains(place) { buffer[place] = byte }
            }
        }
    }

    private static func bytes(_ descriptor: Int32, _ offset: Int, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(descriptor, &bytes, count, off_t(offset)) == count ? bytes : nil
    }
}
