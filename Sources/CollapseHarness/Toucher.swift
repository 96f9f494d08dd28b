import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// A child with a copy of this process's mappings, which has touched one of them; killed when it goes.
final class Toucher {
    /// Its process id.
    let process: Int32
    private let descriptor: Int32

    /// - Parameter step: bytes from one touch to the next; 0: nothing is touched.
    init(_ range: AddressRange, step: Int) throws(Errno) {
        let ends = try Pipe()
        defer { close(ends.reading) }
        let address = UnsafeRawPointer(bitPattern: UInt(range.start))
        let child = folio_fork_toucher(address, range.length, step, ends.writing)
        let failure = Errno(rawValue: errno)
        close(ends.writing)
        guard child > 0 else { throw failure }
        var byte: UInt8 = 0
        let got = (try? systemCall { read(ends.reading, &byte, 1) }) ?? 0
        let opened = folio_pidfd_open(child)
        (process, descriptor) = (child, opened)
        guard got == 1, opened >= 0 else { throw .noSuchProcess }
    }

    deinit {
        kill(process, SIGKILL)
        var status: Int32 = 0
        _ = try? systemCall { waitpid(process, &status, 0) }
        if descriptor >= 0 { close(descriptor) }
    }

    /// process_madvise(MADV_COLLAPSE) of a range of the child's.
    func collapse(_ range: AddressRange) throws(Errno) {
        let pointer = UnsafeMutableRawPointer(bitPattern: UInt(range.start))
        _ = try systemCall(retry: false) {
            folio_process_madvise(descriptor, pointer, range.length, Int32(FOLIO_MADV_COLLAPSE))
        }
    }
}
