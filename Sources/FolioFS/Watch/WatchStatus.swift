import Synchronization

/// How one filesystem of the source is watched, keys as `foliofs status --json` prints them.
package struct WatchStatus: Codable, Sendable {
    /// st_dev of its files, as major:minor.
    package var device: String
    /// fanotify, inotify or timeouts.
    package var method: String
    /// Why it is that.
    package var reason: String
}

extension SourceWatcher {
    /// How each filesystem met so far is watched, that of the root first.
    var status: [WatchStatus] {
        let filesystems = table.filesystems.withLock { $0 }
        return watched.withLock { $0 }.sorted { $0.key < $1.key }.map { index, watched in
            let device = Int(index) < filesystems.count ? filesystems[Int(index)].device : 0
            let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00)
            return WatchStatus(
                device: "\(major):\(minor)", method: watched.method.rawValue, reason: watched.reason)
        }
    }

    /// Events read, overflows of their queue, and notifications sent.
    var counts: [String: Int] {
        [
            "watchEvents": events.load(ordering: .relaxed), "watchOverflows": overflows.load(ordering: .relaxed),
            "notifications": sentCount,
        ]
    }
}
