package import FuseServer

/// What a mount says of itself, keys as `foliofs status --json` prints them. Sizes in bytes.
package struct StatusDocument: Codable, Sendable {
    /// Where it is mounted.
    package var mountpoint: String
    /// The directory it serves.
    package var source: String
    /// First opens by the route they took.
    package var routes: [String: Int]
    /// The configuration in force.
    package var configuration: ConfigurationStatus
    /// The rules in force, in order.
    package var rules: [RuleStatus]
    /// Bytes last seen to be PMD-mapped or staged in whole chunks.
    package var pmdMappedBytes: Int
    /// Bytes that staged copies take.
    package var stagedBytes: Int
    /// Bytes that staged copies may take.
    package var stageLimit: Int
    /// What the staging store holds; nil: there is none.
    package var staging: StagingStatus?
    /// Files that wait to be promoted or are being promoted.
    package var promotionsPending: Int
    /// Promoted files that are open and looked at from time to time.
    package var promotionsWatched: Int
    /// The requests that have been answered, by the name of the operation (`RequestOperation.name`).
    package var requests: [String: RequestHistogram]
    /// Inodes that the kernel knows.
    package var inodes: Int
    /// Whether the kernel granted passthrough.
    package var passthrough: Bool
    /// What becomes of the mount when its server ends.
    package var recovery: RecoveryStatus
    /// How the filesystems of the source are watched for changes by others.
    package var watch: [WatchStatus]
    /// What has happened since the mount began.
    package var counters: [String: Int]
}
