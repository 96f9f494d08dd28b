/// What the staging store holds, keys as `foliofs status --json` prints them. Sizes in bytes.
package struct StagingStatus: Codable, Sendable {
    /// What its tmpfs says is used.
    package var usedBytes: Int
    /// Copies of files.
    package var copies: Int
    /// Copies that are open.
    package var openCopies: Int
    /// The files that tell it that memory is short.
    package var pressure: [String]
}
