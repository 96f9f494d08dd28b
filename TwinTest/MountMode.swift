/// How files are served in a run.
enum MountMode: String, CaseIterable {
    /// The policy chooses, so that a file's route changes as it grows, gets to be a program, or is promoted.
    case policy
    case native, staged, fallback, plain
    /// Everything through FUSE's own page cache.
    case noPassthrough = "no-passthrough"

    /// Options of `foliofs mount`.
    var options: [String] {
        switch self {
        case .policy: ["--promote", "*big*", "--stage-limit", "256M"]
        case .native, .fallback, .plain: ["--route", rawValue]
        case .staged: ["--route", rawValue, "--stage-limit", "256M"]
        case .noPassthrough: ["--no-passthrough"]
        }
    }

    /// Whether nothing but the operations of a program gives its files memory: see KnownDifferences.
    var promotesNothing: Bool { self == .plain || self == .noPassthrough }

    /// Whether every read is one of the source's own file: see KnownDifferences.
    var readsSource: Bool { self == .native || self == .plain }
}
