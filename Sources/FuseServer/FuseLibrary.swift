import CFuse3

/// The libfuse that this process runs with.
public enum FuseLibrary {
    /// Its version, as fuse_pkgversion() tells it: `3.14.0`.
    public static var version: String { String(cString: fuse_pkgversion()) }
}
