import Glibc
import LinuxFacts
package import SystemPackage

/// What this machine can do to see changes in a source.
package enum WatchSupport {
    /// Why the filesystem of `directory` cannot be watched as a whole, in words; nil: it can.
    package static func whyNoFanotify(_ directory: FilePath) -> String? {
        do throws(Errno) {
            let group = try FanotifyGroup()
            let opened = DescriptorOwner(
                try systemCall { directory.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) } })
            try group.watch(opened.descriptor)
            return nil
        } catch {
            return WatchedFilesystem.reason(error)
        }
    }

    /// How many directories may be watched by inotify(7); nil: it is not there.
    package static var inotifyWatches: Int? {
        let text = try? TextFile.read("/proc/sys/fs/inotify/max_user_watches")
        return text.flatMap { Int($0.filter(\.isNumber)) }
    }
}
