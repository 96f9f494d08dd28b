import Glibc

/// Where a test wants a process to stop (SIGSTOP): FOLIOFS_STOP_AT in the environment, the name of a `StagingStep` or a `PromotionStep`.
enum StopPoint {
    /// The step's name; nil: nowhere.
    static let wanted = getenv("FOLIOFS_STOP_AT").map { String(cString: $0) }

    /// Stops this process where the step that it has come to is the one.
    static func reached(_ step: some RawRepresentable<String>) {
        if let wanted, step.rawValue == wanted { raise(SIGSTOP) }
    }
}
