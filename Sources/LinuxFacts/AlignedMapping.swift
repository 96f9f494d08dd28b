import CLinuxShims
import Glibc
package import SystemPackage

/// A part of a file, mapped for reading at an address that is congruent with it; unmapped when it goes.
package struct AlignedMapping: ~Copyable {
    /// The first byte.
    package let start: UnsafeMutableRawPointer
    private let reservation: UnsafeMutableRawPointer
    private let reserved: Int

    /// Maps `length` bytes of the open file privately at a multiple of `alignment`, a power of two of pages.
    /// - Parameter offset: the first byte that is mapped, a multiple of `alignment`.
    /// - Parameter protection: PROT_READ, and PROT_EXEC where that is wanted.
    /// - Throws: ENOMEM, ENODEV, EPERM (PROT_EXEC of a file on a noexec mount) and the like of mmap(2).
    package init(
        _ descriptor: Int32, offset: Int = 0, length: Int, alignment: Int, protection: Int32
    ) throws(Errno) {
        let reserved = length + alignment
        guard let memory = mmap(nil, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            memory != MAP_FAILED
        else { throw Errno(rawValue: errno) }
        let start = memory.alignedUp(toMultipleOf: alignment)
        guard mmap(start, length, protection, MAP_PRIVATE | MAP_FIXED, descriptor, off_t(offset)) == start else {
            let failure = Errno(rawValue: errno)
            munmap(memory, reserved)
            throw failure
        }
        self.start = start
        reservation = memory
        self.reserved = reserved
    }

    deinit { munmap(reservation, reserved) }

    /// The addresses of `length` bytes from `offset`.
    package func addresses(_ offset: Int, _ length: Int) -> AddressRange {
        let first = UInt64(UInt(bitPattern: start + offset))
        return AddressRange(first, first + UInt64(length))
    }

    /// Faults in the page at `offset` by MADV_POPULATE_READ, which reports as an error what would be a SIGBUS past the end
    /// of a file that has become shorter.
    /// - Returns: whether it is there.
    @discardableResult
    package func touch(_ offset: Int) -> Bool { madvise(start + offset, 1, Int32(FOLIO_MADV_POPULATE_READ)) == 0 }
}
