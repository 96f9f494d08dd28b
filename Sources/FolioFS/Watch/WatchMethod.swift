/// How changes made to a filesystem of the source by others than this mount become known.
package enum WatchMethod: String, Codable, Sendable, CaseIterable {
    /// A fanotify(7) mark on the whole filesystem: every change is told with file handles and names.
    case fanotify
    /// An inotify(7) watch on each directory that the kernel knows.
    case inotify
    /// Not at all: what the kernel caches is good for a second.
    case timeouts
}
