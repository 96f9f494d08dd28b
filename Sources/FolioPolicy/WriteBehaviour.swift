/// What a write(2) to a file of a filesystem leaves in its page cache.
public enum WriteBehaviour: String, Hashable, Sendable, CaseIterable {
    /// Nothing: the filesystem is never written (erofs, squashfs), so no file is open for writing and no page dirty.
    case none
    /// Clean pages: the bytes are with the filesystem's server when write(2) returns (FUSE without writeback cache).
    case through
    /// Dirty pages, written back later.
    case back
}
