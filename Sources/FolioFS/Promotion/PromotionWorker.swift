import CLinuxShims
import Foundation
import Glibc
import LinuxFacts
import SystemPackage

/// The process that promotes one file for a mount: `foliofs promotion-worker JOB`, started by the server.
///
/// A process of its own, because mappings, page faults and collapses take locks of the address space that answering requests takes
/// too; because what it does at idle priority must hold none of the server's locks; and because collapsing the page cache of the
/// server's own mount waits for the server.
package enum PromotionWorker {
    /// The descriptor of the file, where it is given open.
    static let fileDescriptor: Int32 = 3
    /// The least time between two reports of progress, in milliseconds.
    private static let reportInterval = 50

    /// Does the job and reports on standard output.
    package static func run(_ argument: String) {
        // With the server this goes as well; who is told of its progress no more has ended it.
        _ = folio_die_with_parent()
        guard let job = try? JSONDecoder().decode(PromotionJob.self, from: Data(argument.utf8)) else { return }
        do throws(Errno) {
            report(PromotionReport(outcome: try promote(job)))
        } catch {
            report(PromotionReport(failure: error.rawValue))
        }
    }

    private static func promote(_ job: PromotionJob) throws(Errno) -> PromotionOutcome {
        if !job.isAwaited { stepBack() }
        let file = try job.path.map { path throws(Errno) in try open(path, job) } ?? DescriptorOwner(fileDescriptor)
        let size = Int(try StagedCopy.status(file.descriptor).st_size)
        let pace = PromotionPace(
            rate: job.isAwaited ? nil : job.rate, memoryShare: job.memoryShare, givesWay: !job.isAwaited)
        var reported = 0
        return try Promoter(pmdSize: job.pmdSize, promotion: job.promotes, pace: pace)
            .promote(file.descriptor, size: size) { done in
                let now = MonotonicClock.milliseconds()
                if now - reported < reportInterval { return true }
                reported = now
                return report(PromotionReport(done: done))
            }
    }

    /// Leaves processors and disks to whoever else wants them. What of it the kernel refuses is not worth failing for.
    private static func stepBack() {
        _ = folio_idle_processor_priority()
        _ = folio_idle_disk_priority()
    }

    private static func open(_ path: [UInt8], _ job: PromotionJob) throws(Errno) -> DescriptorOwner {
        let file = DescriptorOwner(
            try systemCall {
                (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { name in
                    name.baseAddress.map { Glibc.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) } ?? -1
                }
            })
        let status = try SourceStatus(file.descriptor)
        guard DeviceNumber(status.device).description == job.device, status.number << 16 == job.inode << 16 else {
            throw .staleNFSFileHandle
        }
        return file
    }

    /// - Returns: false where nobody listens any more.
    @discardableResult
    private static func report(_ report: PromotionReport) -> Bool {
        guard let data = try? JSONEncoder().encode(report) else { return false }
        let bytes = [UInt8](data) + [UInt8(ascii: "\n")]
        return (try? systemCall { write(STDOUT_FILENO, bytes, bytes.count) }) != nil
    }
}
