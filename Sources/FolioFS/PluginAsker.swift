import FolioCapability
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Asks native plugins about files, on one thread of its own, so that no request waits for one.
///
/// A plugin's process dies with the thread that has started it, therefore it is always the same. Answers are kept until
/// the file changes; one that a plugin failed to give for ten seconds.
final class PluginAsker: @unchecked Sendable {
    /// A file about which a plugin is asked.
    struct Question: Sendable {
        let file: FileIdentity
        let stamp: SourceStamp
        /// Its absolute path.
        let path: FilePath
        let filesystem: FilesystemFacts
        let facts: FileFacts
        /// What the rules say of it.
        let choice: RuleChoice
    }

    private struct Entry {
        let stamp: SourceStamp
        let capability: FilesystemCapability
        /// Seconds of the monotonic clock; nil: as long as the file stays what it is.
        let until: Int?
    }

    private struct State {
        var answers: [FileIdentity: Entry] = [:]
        var waiting: [(question: Question, answered: @Sendable (FilesystemCapability) -> Void)] = []
        /// Files of which questions wait, or are being asked.
        var asked: Set<FileIdentity> = []
        var runs = false
    }

    /// Answers that are kept at most, and questions that wait; what is beyond is asked again with the next open.
    private static let (mostAnswers, mostWaiting) = (4096, 64)
    /// How long a failure stands, in seconds.
    private static let failureStands = 10
    private let registry: CapabilityRegistry
    private let reader: FactReader
    private let kernel: KernelFacts
    private let wake: WakeUp
    private let state = LockedState(State())

    /// - Throws: EMFILE.
    init(_ registry: CapabilityRegistry, reader: FactReader) throws(Errno) {
        self.registry = registry
        self.reader = reader
        kernel = reader.kernel()
        wake = try WakeUp()
    }

    /// What was answered about a file that has not changed since.
    func answer(_ file: FileIdentity, _ stamp: SourceStamp) -> FilesystemCapability? {
        state.withLock { state in
            guard let entry = state.answers[file], entry.stamp == stamp else { return nil }
            if let until = entry.until, Int(MonotonicClock.seconds()) >= until { return nil }
            return entry.capability
        }
    }

    /// Asks behind.
    ///
    /// - Parameter answered: called on the asking thread; not at all where the file is being asked about already, or too
    ///   many questions wait.
    func ask(_ question: Question, answered: @escaping @Sendable (FilesystemCapability) -> Void) {
        let starts: Bool? = state.withLock { state in
            guard state.waiting.count < Self.mostWaiting, state.asked.insert(question.file).inserted else { return nil }
            state.waiting.append((question, answered))
            defer { state.runs = true }
            return !state.runs
        }
        guard let starts else { return }
        if starts { BackgroundThread.run { [self] in run() } }
        wake.signal()
    }

    /// Asks, and waits for the answer: never on the way of a request.
    ///
    /// - Throws: EMFILE.
    func askAndWait(_ question: Question) throws(Errno) -> FilesystemCapability {
        if let known = answer(question.file, question.stamp) { return known }
        let done = try WakeUp()
        let found = LockedState<FilesystemCapability?>(nil)
        while true {
            ask(question) { capability in
                found.withLock { $0 = capability }
                done.signal()
            }
            // Where another's question about the file was first, its answer is there when it is ours to ask.
            done.wait(milliseconds: 100)
            if let answer = found.withLock({ $0 }) ?? answer(question.file, question.stamp) { return answer }
        }
    }

    private func run() {
        while true {
            while let (question, answered) = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) {
                let capability = registry.resolve(
                    path: question.path, filesystem: question.filesystem, file: question.facts, kernel: kernel
                ) { try? reader.filesystem(of: $0) }.capability
                let failed = capability.missing.contains { $0.hasPrefix("plugin.") }
                let entry = Entry(
                    stamp: question.stamp, capability: capability,
                    until: failed ? Int(MonotonicClock.seconds()) + Self.failureStands : nil)
                state.withLock { state in
                    if state.answers.count >= Self.mostAnswers { state.answers = [:] }
                    state.answers[question.file] = entry
                    state.asked.remove(question.file)
                }
                answered(capability)
            }
            wake.wait()
        }
    }
}
