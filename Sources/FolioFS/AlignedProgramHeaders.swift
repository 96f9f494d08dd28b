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
    ///
    /// - Parameter fileSize: the file's size in bytes.
    static func patches(_ descriptor: Int32, fileSize: Int, pmdSize: Int) -> [Patch] {
        guard let image = ELFImage.read(descriptor) else { return [] }
        let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
        return image.raisedAlignments(fileSize: fileSize, pageSize: pageSize, pmdSize: pmdSize).map { index in
            let header = image.programHeaderOffset + index * ELFImage.programHeaderSize
            return Patch(offset: header + ELFImage.alignmentField, value: UInt64(pmdSize))
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
}
