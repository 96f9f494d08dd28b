package import FolioPolicy
import Glibc
package import SystemPackage

/// What to serve and how.
package struct ServeOptions: Sendable {
    /// The directory that is served.
    package var source: FilePath
    /// Where it is mounted.
    package var mountpoint: FilePath
    /// How files get their routes, as the mount begins.
    package var policy: ServePolicy
    /// Reads the policy again; nil: it comes from nothing that could have changed. What it throws is told to whoever asked.
    package var reload: (@Sendable () throws -> ServePolicy)?
    /// Bytes that staged copies may take together.
    package var stageLimit: Int
    /// Paths below the source whose files get their huge folios ahead of any open, once it is mounted.
    package var prestagePatterns: [PathPattern]
    /// Bytes a second that are promoted behind; nil: as fast as it goes.
    package var promotionRate: Int?
    /// How much of what memory is available a promotion may fill with what it reads in, in percent.
    package var promotionMemory: Int
    /// Seconds after which a promoted file that is open is looked at for what was lost; 0: never.
    package var promotionCheck: Int
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
        policy = ServePolicy()
        stageLimit = Self.memory / 8
        prestagePatterns = []
        promotionRate = 1 << 30
        promotionMemory = 50
        promotionCheck = 60
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
