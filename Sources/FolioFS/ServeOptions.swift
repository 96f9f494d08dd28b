package import FolioPolicy
import Glibc
package import SystemPackage

/// What to serve and how.
package struct ServeOptions: Sendable {
    /// The directory that is served.
    package var source: FilePath
    /// Where it is mounted.
    package var mountpoint: FilePath
    /// A route for every file; nil: the policy chooses.
    package var route: Route?
    /// A way of promotion for the native route; nil: the policy chooses.
    package var promotion: Promotion?
    /// Bytes that staged copies may take together.
    package var stageLimit: Int
    /// The largest file in bytes that is staged before its open is answered.
    package var stageSyncLimit: Int
    /// Patterns (fnmatch(3)) of paths below the source whose files are promoted when they are opened.
    package var promotePatterns: [String]
    /// Patterns (fnmatch(3)) of paths below the source whose files get their huge folios ahead of any open, once it is mounted.
    package var prestagePatterns: [String]
    /// Whether executables and ELF images are promoted when they are opened.
    package var promoteExecutables: Bool
    /// Whether execve's opens show p_align raised to the PMD size.
    package var alignedExec: Bool
    /// Whether nothing may be changed through the mount.
    package var readOnly: Bool
    /// Whether others than the user who mounts see the mount; always where that is root.
    package var allowOther: Bool
    /// Whether the source ends where another filesystem is mounted inside.
    package var oneFilesystem: Bool
    /// Whether passthrough is asked for.
    package var passthrough: Bool
    /// The best way in which the source may be watched for changes by others.
    package var watch: WatchMethod
    /// Directories of capability manifests beyond the built-in ones.
    package var plugins: [FilePath]
    /// Further mount options of mount.fuse3(8).
    package var mountOptions: [String]

    /// The defaults: the policy chooses, staged copies take up to an eighth of the memory.
    package init(source: FilePath, mountpoint: FilePath) {
        self.source = source
        self.mountpoint = mountpoint
        route = nil
        promotion = nil
        stageLimit = Self.memory / 8
        stageSyncLimit = 256 << 20
        promotePatterns = []
        prestagePatterns = []
        promoteExecutables = true
        alignedExec = true
        readOnly = false
        allowOther = false
        oneFilesystem = false
        passthrough = true
        watch = .fanotify
        plugins = []
        mountOptions = []
    }

    private static var memory: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }
}
