import Foundation
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// One promotion underway in a process of its own (`PromotionWorker`), seen from the server.
final class PromotionProcess: Sendable {
    /// The process; 0: none, or ended.
    private let process = LockedState<pid_t>(0)

    /// Runs a job to its end.
    ///
    /// - Parameters:
    ///   - file: what it is to promote, open for reading; nil: the job has a path.
    ///   - progress: called with the bytes done; false ends it.
    /// - Throws: what the worker says; ECANCELED where it was ended; EPROTO where it ended without a word.
    func run(
        _ job: PromotionJob, file: Int32?, progress: (Int) -> Bool = { _ in true }
    ) throws(Errno) -> PromotionOutcome {
        var ends: [Int32] = [-1, -1]
        _ = try systemCall { pipe(&ends) }
        let output = DescriptorOwner(ends[0])
        let input = DescriptorOwner(ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child = try process.withLock { process throws(Errno) in
            process = try Self.spawn(job, file: file, output: input.descriptor)
            return process
        }
        close(input.take())
        defer { collect(child) }
        var lines = ControlSocket.Lines(output.descriptor)
        while let line = try lines.next() {
            guard let report = try? JSONDecoder().decode(PromotionReport.self, from: Data(line)) else { break }
            if let outcome = report.outcome { return outcome }
            if let failure = report.failure { throw Errno(rawValue: failure) }
            if let done = report.done, !progress(done) { throw Errno(rawValue: ECANCELED) }
        }
        throw Errno(rawValue: process.withLock { $0 } == 0 ? ECANCELED : EPROTO)
    }

    /// Whether it is the process of that id.
    func isProcess(_ id: pid_t) -> Bool { process.withLock { $0 == id } }

    /// Ends the job, if one is underway.
    func end() {
        process.withLock { process in
            if process > 0 { kill(process, SIGKILL) }
            process = 0
        }
    }

    private func collect(_ child: pid_t) {
        // Nothing is left half done whenever it ends: a folio is promoted or it is not.
        end()
        var status: Int32 = 0
        _ = try? systemCall { waitpid(child, &status, 0) }
    }

    private static func spawn(_ job: PromotionJob, file: Int32?, output: Int32) throws(Errno) -> pid_t {
        guard let document = try? JSONEncoder().encode(job) else { throw .invalidArgument }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        if let file { posix_spawn_file_actions_adddup2(&actions, file, PromotionWorker.fileDescriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Background threads block signals that end the mount.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        ServiceThread.runAnywhere()
        let program = "/proc/self/exe"
        let arguments = ["foliofs", "promotion-worker", String(decoding: document, as: UTF8.self)]
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        // The backtracer of Swift can hang in a child.
        let stop = StopPoint.wanted.map { ["FOLIOFS_STOP_AT=" + $0] } ?? []
        let environment = ["SWIFT_BACKTRACE=enable=no", "PATH=/usr/bin:/bin", "LC_ALL=C"] + stop
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for word in words + variables { free(word) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, program, &actions, &attributes, &words, &variables)
        guard failure == 0 else { throw Errno(rawValue: failure) }
        return process
    }
}
