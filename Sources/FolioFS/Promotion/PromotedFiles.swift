/// What is remembered of files that were promoted or staged, until they are gone, where somebody tells of that: another file may have their
/// inode number then.
final class PromotedFiles: Sendable {
    private struct State {
        /// Bytes last seen to be PMD-mapped, where there were any.
        var bytes: [FileIdentity: Int] = [:]
        /// Files whose promotion was asked for, not only their opening.
        var asked: Set<FileIdentity> = []
        /// By what one is told of files that are gone.
        var files: [SourceFile: FileIdentity] = [:]

        /// Beyond what there is room for all begins anew.
        mutating func makeRoom() {
            guard max(bytes.count, asked.count, files.count) >= PromotedFiles.most else { return }
            self = State()
        }
    }

    private static let most = 65_536
    private let state = LockedState(State())

    /// Whether nobody need be told of a file that is gone.
    var isEmpty: Bool { state.withLock { $0.files.isEmpty } }

    /// Bytes last seen to be PMD-mapped, of all files.
    var pmdBytes: Int { state.withLock { $0.bytes.values.reduce(0, +) } }

    /// Bytes of a file last seen to be PMD-mapped.
    func pmdBytes(of identity: FileIdentity) -> Int { state.withLock { $0.bytes[identity] ?? 0 } }

    /// Takes note of how much of a file is PMD-mapped.
    ///
    /// - Parameter file: nil: its filesystem has no handles, and nobody tells when it is gone.
    /// - Returns: the bytes seen before.
    @discardableResult
    func saw(_ bytes: Int, of identity: FileIdentity, _ file: SourceFile? = nil) -> Int {
        state.withLock { state in
            let before = state.bytes.removeValue(forKey: identity) ?? 0
            guard bytes > 0 else { return before }
            state.makeRoom()
            state.bytes[identity] = bytes
            if let file { state.files[file] = identity }
            return before
        }
    }

    /// Takes note that somebody has asked for a file's promotion: from then on it is kept up.
    func ask(for identity: FileIdentity, _ file: SourceFile?) {
        state.withLock { state in
            state.makeRoom()
            state.asked.insert(identity)
            if let file { state.files[file] = identity }
        }
    }

    func wasAskedFor(_ identity: FileIdentity) -> Bool { state.withLock { $0.asked.contains(identity) } }

    /// Forgets a file that is gone.
    func isGone(_ file: SourceFile) {
        state.withLock { state in
            guard let identity = state.files.removeValue(forKey: file) else { return }
            state.bytes[identity] = nil
            state.asked.remove(identity)
        }
    }
}
