import CLinuxShims
package import FolioPolicy
import Glibc
package import LinuxFacts
import SystemPackage

/// process_madvise(MADV_COLLAPSE) of another process's file mappings, chunk by chunk, each held against the policy.
package final class ProcessCollapse {
    /// The process.
    package let process: Int32
    private let geometry: PageGeometry
    private let trace: KhugepagedTrace?
    private let descriptor: Int32
    /// /proc/PID/mem, by which contents are compared; -1: it may not be read.
    private let memory: Int32

    /// Takes hold of a process, so that its number cannot come to be another's.
    ///
    /// - Parameter trace: where SCAN codes are read from; nil: they are not.
    /// - Throws: ESRCH where there is none, ENOSYS before Linux 5.3.
    package init(_ process: Int32, geometry: PageGeometry, trace: KhugepagedTrace?) throws(LinuxError) {
        self.process = process
        self.geometry = geometry
        self.trace = trace
        do throws(Errno) {
            descriptor = try systemCall { folio_pidfd_open(process) }
        } catch {
            throw LinuxError(
                "take hold of", "process \(process)", error,
                advice: error == .noSuchProcess ? "there is no such process" : nil)
        }
        memory = open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
    }

    deinit {
        close(descriptor)
        if memory >= 0 { close(memory) }
    }

    /// Whether the process has ended.
    package var hasEnded: Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&wanted, 1, 0) > 0
    }

    /// Collapses one part.
    ///
    /// - Parameters:
    ///   - decision: the policy's answer for it.
    ///   - file: the file that is mapped, open for reading, with which the bytes are compared; nil: they are not.
    /// - Throws: ESRCH where the process has ended meanwhile; EPERM where the caller may not (CAP_SYS_NICE, and the right to
    ///   trace the process).
    package func collapse(
        _ part: MappingFacts, _ decision: Decision, file: Int32?
    ) throws(LinuxError) -> CollapseReport.Chunk {
        let range = AddressRange(part.address ?? 0, (part.address ?? 0) + UInt64(part.length))
        let observer = MappingObserver(geometry: geometry, process: process)
        let before = observer.isPmdMapped(range)
        let pages = observer.pages(range)
        _ = trace?.drain()
        let errno = CollapseCall.run(expecting: decision) { () throws(Errno) in
            _ = try systemCall(retry: false) {
                folio_process_madvise(
                    descriptor, UnsafeMutableRawPointer(bitPattern: UInt(range.start)), range.length,
                    Int32(FOLIO_MADV_COLLAPSE))
            }
        }
        let reason = trace?.drainOwn()
        if errno == Errno.noSuchProcess.name || hasEnded {
            throw LinuxError("collapse", "process \(process)", .noSuchProcess, advice: "it has ended meanwhile")
        }
        if errno == Errno.notPermitted.name {
            throw LinuxError(
                "collapse", "process \(process)", .notPermitted,
                advice: "it takes CAP_SYS_NICE and the right to trace the process: run it as root")
        }
        let pmdMapped = observer.isPmdMapped(range)
        let after = observer.frames(range)
        let comparable = pmdMapped == true && part.write == false && part.copied != true
        let intact = comparable ? file.map { isEqual(range, to: $0, at: part.offset) } ?? true : true
        let seen = ChunkObservation(
            errno: errno, pmdMappedBefore: before, pmdMapped: pmdMapped,
            moved: MappingObserver.moved(from: pages, to: after?.map(\.page)),
            orders: after.map { FolioOrderSet($0.map(\.order)) },
            scanReason: reason, traced: trace != nil, contentIntact: intact)
        return CollapseReport.Chunk(offset: part.offset, decision: decision, seen: seen)
    }

    /// Whether the process's memory holds what the file does; true as well where one of them cannot be read.
    private func isEqual(_ range: AddressRange, to file: Int32, at offset: Int) -> Bool {
        guard memory >= 0 else { return true }
        var there = [UInt8](repeating: 0, count: range.length)
        var wanted = there
        guard pread(memory, &there, there.count, off_t(bitPattern: range.start)) == there.count,
            case let count = pread(file, &wanted, wanted.count, off_t(offset)), count > 0
        else { return true }
        return there[..<count] == wanted[..<count]
    }
}

extension off_t {
    fileprivate init(bitPattern address: UInt64) { self = off_t(Int64(bitPattern: address)) }
}
