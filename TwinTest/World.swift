import Glibc

/// One of the two places where an episode is played.
struct World {
    enum Kind { case native, mount }

    let kind: Kind
    /// The directory in which episodes have theirs.
    let directory: String
    /// Where the mount's files really are; the directory itself where there is no mount.
    let source: String
    /// The program that promotes.
    let foliofs: String
    /// Whether a read through the mount is one of the source, so that its access time follows.
    let comparesAccessTime: Bool
    /// Whether a change in a directory always changes its times: see KnownDifferences.
    let comparesDirectoryTimes: Bool
    /// Whether the blocks that a file has change only when it is changed: see KnownDifferences.
    let comparesBlocks: Bool
    /// Whether files may be served from copies.
    let servesCopies: Bool
    /// Whether the filesystem has fallocate(2)'s zero range: see KnownDifferences.
    let zeroesRanges: Bool
}
