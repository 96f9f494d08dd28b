import CLinuxShims
import Glibc
import SystemPackage

/// The beginning of a file, mapped for reading at an address that is congruent with it.
final class AlignedMapping {
    let start: UnsafeMutableRawPointer
    private let reservation: UnsafeMutableRawPointer
    private let reserved: Int

    /// Maps `length` bytes of the file at a multiple of `alignment`; executable where that is allowed, because kernels
    /// before 6.8 ask for it.
    /// - Throws: ENOMEM, ENODEV and the like of mmap(2).
    init(_ descriptor: Int32, length: Int, alignment: Int) throws(Errno) {
        reserved = length + alignment
        guard let memory = mmap(nil, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            memory != MAP_FAILED
        else { throw Errno(rawValue: errno) }
        reservation = memory
        start = memory + (alignment - Int(bitPattern: memory) % alignment) % alignment
        for protection in [PROT_READ | PROT_EXEC, PROT_READ] {
            if mmap(start, length, protection, MAP_SHARED | MAP_FIXED, descriptor, 0) != MAP_FAILED { return }
        }
        let failure = Errno(rawValue: errno)
        munmap(reservation, reserved)
        throw failure
    }

    deinit { munmap(reservation, reserved) }

    /// Reads a byte at `offset`. Past the end of a file that has become shorter this would be a SIGBUS: MADV_POPULATE_READ
    /// reports that as an error.
    func touch(_ offset: Int) { _ = madvise(start + offset, 4096, Int32(FOLIO_MADV_POPULATE_READ)) }
}
