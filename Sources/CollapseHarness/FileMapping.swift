import CLinuxShims
package import FolioPolicy
import Glibc
package import LinuxFacts
package import SystemPackage

/// A mapping of a file at a chosen place, unmapped when it goes.
///
/// It stands inside a reservation of its own (PROT_NONE), so that no neighbour is merged with it.
package struct FileMapping: ~Copyable {
    /// The first byte of the mapping.
    package let base: UnsafeMutableRawPointer
    /// How it is mapped.
    package let shape: MappingShape
    private let reservation: UnsafeMutableRawPointer
    private let reserved: Int

    /// Maps an open file.
    /// - Throws: what mmap(2) and madvise(2) say: ENOMEM for more than there are addresses, ENODEV for a file that cannot be mapped, EACCES for one that is not
    ///   open for writing where the mapping is.
    package init(_ file: FileDescriptor, _ shape: MappingShape, geometry: PageGeometry) throws(Errno) {
        let pmd = geometry.pmdSize
        let around = geometry.pmdTableSize
        guard shape.offset >= 0, shape.length > 0, shape.offset % geometry.pageSize == 0 else { throw .invalidArgument }
        // More than any address space holds.
        guard shape.length < Int.max / 2 else { throw .noMemory }
        let unit = shape.alone ? around : pmd
        let whole = (shape.length + pmd - 1) / pmd * pmd
        let reserved = whole + pmd + (shape.alone ? 3 * around : 2 * pmd)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let reservation = mmap(nil, reserved, PROT_NONE, flags, -1, 0), reservation != MAP_FAILED else {
            throw Errno(rawValue: errno)
        }
        let start = (Int(bitPattern: reservation) + pmd + unit - 1) / unit * unit
        let shift =
            switch shape.placement {
            case .congruent: 0
            case .offByPage: geometry.pageSize
            case .lastPage: pmd - geometry.pageSize
            }
        let address = UnsafeMutableRawPointer(bitPattern: start + shape.offset % pmd + shift)
        let protection = PROT_READ | (shape.exec ? PROT_EXEC : 0) | (shape.write ? PROT_WRITE : 0)
        let sharing = (shape.shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED
        guard let base = mmap(address, shape.length, protection, sharing, file.rawValue, shape.offset),
            base != MAP_FAILED
        else {
            let failure = Errno(rawValue: errno)
            munmap(reservation, reserved)
            throw failure
        }
        do throws(Errno) {
            switch shape.advice {
            case .none: break
            case .hugePage: try Self.advise(base, shape.length, FOLIO_MADV_HUGEPAGE)
            case .noHugePage: try Self.advise(base, shape.length, FOLIO_MADV_NOHUGEPAGE)
            }
        } catch {
            munmap(reservation, reserved)
            throw error
        }
        self.base = base
        self.shape = shape
        self.reservation = reservation
        self.reserved = reserved
    }

    deinit { munmap(reservation, reserved) }

    /// The addresses of `length` bytes of the file from `offset`.
    package func range(_ offset: Int, _ length: Int) -> AddressRange {
        let start = UInt64(UInt(bitPattern: base)) &+ UInt64(bitPattern: Int64(offset - shape.offset))
        return AddressRange(start, start + UInt64(length))
    }

    /// Reads one byte of every page of `length` bytes of the file from `offset`; what lies past the end of the file
    /// (SIGBUS) is the caller's to leave out.
    package func touch(_ offset: Int, _ length: Int, pageSize: Int) {
        guard length > 0, pageSize > 0 else { return }
        folio_touch(base + (offset - shape.offset), length, pageSize)
    }

    /// Stores one byte to a page of the file; `offset` must lie inside it.
    package func store(_ offset: Int, _ byte: UInt8) {
        (base + (offset - shape.offset)).storeBytes(of: byte, as: UInt8.self)
    }

    /// Cuts the mapping at both ends of a part (MADV_SEQUENTIAL), or makes it whole again.
    package func cut(_ offset: Int, _ length: Int, _ isCut: Bool) throws(Errno) {
        try Self.advise(base + (offset - shape.offset), length, isCut ? FOLIO_MADV_SEQUENTIAL : FOLIO_MADV_NORMAL)
    }

    /// mlock(2) of a part.
    package func lock(_ offset: Int, _ length: Int) throws(Errno) {
        _ = try systemCall { mlock(base + (offset - shape.offset), length) }
    }

    /// madvise(MADV_POPULATE_READ) of a part.
    package func populate(_ offset: Int, _ length: Int) throws(Errno) {
        try Self.advise(base + (offset - shape.offset), length, FOLIO_MADV_POPULATE_READ)
    }

    /// madvise(MADV_COLLAPSE) of a part.
    package func collapse(_ offset: Int, _ length: Int) throws(Errno) {
        // EINTR is not one of its answers; what it says is said once.
        _ = try systemCall(retry: false) {
            madvise(base + (offset - shape.offset), length, Int32(FOLIO_MADV_COLLAPSE))
        }
    }

    /// `length` bytes of the file from `offset`, as they are mapped; they must lie inside the file.
    package func bytes(_ offset: Int, _ length: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + (offset - shape.offset), count: length)
    }

    private static func advise(_ address: UnsafeMutableRawPointer, _ length: Int, _ advice: Int) throws(Errno) {
        _ = try systemCall { madvise(address, length, Int32(advice)) }
    }
}
