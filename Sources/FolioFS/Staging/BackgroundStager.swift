import Glibc
import SystemPackage

/// Stages files one after another for their next opens, on a thread that is there while there is something to do.
final class BackgroundStager: Sendable {
    /// The most files that wait, each with a descriptor.
    private static let mostWaiting = 64

    private struct Waiting {
        var files: [(identity: FileIdentity, file: DescriptorOwner)] = []
        var isRunning = false
        var isStopped = false
    }

    private let waiting = LockedState(Waiting())
    private let work: @Sendable (Int32) -> Void

    /// - Parameter work: stages the file that a descriptor has open for reading.
    init(work: @escaping @Sendable (Int32) -> Void) { self.work = work }

    /// Has the file that `descriptor` has open staged, unless it waits for that already, or too many do.
    func stage(_ descriptor: Int32, _ identity: FileIdentity) {
        let starts = waiting.withLock { waiting in
            guard !waiting.isStopped, waiting.files.count < Self.mostWaiting,
                !waiting.files.contains(where: { $0.identity == identity })
            else { return false }
            guard let file = try? ProcessFiles.forOwnReads(descriptor) else { return false }
            waiting.files.append((identity, file))
            defer { waiting.isRunning = true }
            return !waiting.isRunning
        }
        if starts { BackgroundThread.run { [self] in run() } }
    }

    /// Forgets what waits.
    func stop() {
        waiting.withLock { waiting in
            waiting.isStopped = true
            waiting.files = []
        }
    }

    /// Whether no more is to be staged.
    var isStopped: Bool { waiting.withLock(\.isStopped) }

    private func run() {
        BackgroundThread.giveWay()
        while let next = waiting.withLock({ waiting in
            if waiting.files.isEmpty { waiting.isRunning = false }
            return waiting.files.first
        }) {
            work(next.file.descriptor)
            // It was among those that wait while it was staged, so that it is not put there again.
            waiting.withLock { waiting in
                if waiting.files.first?.file === next.file { waiting.files.removeFirst() }
            }
        }
    }
}
