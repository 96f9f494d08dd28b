/// How FolioFS serves a file.
public enum Route: String, Hashable, Codable, Sendable, CaseIterable {
    /// FUSE passthrough to the source file, whose own page cache is promoted.
    case native
    /// FUSE passthrough to a copy on a private tmpfs.
    case staged
    /// FUSE's own page cache, collapsed through the mount.
    case fallback
    /// As it is, nothing promoted.
    case plain
}
