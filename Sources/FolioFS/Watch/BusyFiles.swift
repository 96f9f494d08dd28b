import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// Files that are written to all the time: their modifications are not reported one by one, they are looked at.
///
/// Used by the thread that reads events alone.
struct BusyFiles {
    /// How often a file's state is compared.
    static let interval = 50
    /// Reports in a second that make a file busy; there are at most two hundred, as many as are collected apart.
    private static let limit = 30
    /// Comparisons without a change after which it is not busy any more.
    private static let patience = 20
    /// The most files that are looked at.
    private static let most = 512

    private struct Busy {
        /// A descriptor of its filesystem, to open the handle with.
        let mount: Int32
        var stamp: SourceStamp
        var unchanged = 0
    }

    private var counts: [SourceFile: Int] = [:]
    private var second = 0
    private var busy: [SourceFile: Busy] = [:]

    var isEmpty: Bool { busy.isEmpty }

    /// Counts a modification that was reported; a file that has too many is left out of the reports from now on.
    ///
    /// - Parameter mount: a descriptor of its filesystem.
    mutating func count(_ file: FanotifyEvent.File, at second: Int, mount: Int32, group: FanotifyGroup) {
        if second != self.second {
            counts.removeAll(keepingCapacity: true)
            self.second = second
        }
        // A file that is not among the first thousands of a second is not written to all the time.
        guard counts.count < 4096 else { return }
        let key = SourceFile(file)
        counts[key, default: 0] += 1
        guard counts[key, default: 0] >= Self.limit, busy.count < Self.most, busy[key] == nil,
            let opened = try? key.open(mount, SourceFlags.pathOnly)
        else { return }
        guard (try? group.ignore(opened.descriptor, true)) != nil,
            let status = try? StagedCopy.status(opened.descriptor)
        else { return }
        busy[key] = Busy(mount: mount, stamp: SourceStamp(status))
    }

    /// Looks at every busy file, and hands each that changed to `changed`.
    mutating func look(_ group: FanotifyGroup, changed: (FanotifyEvent.File) -> Void) {
        for (key, var file) in busy {
            guard let opened = try? key.open(file.mount, SourceFlags.pathOnly),
                let status = try? StagedCopy.status(opened.descriptor)
            else {
                busy[key] = nil
                continue
            }
            let stamp = SourceStamp(status)
            file.unchanged = stamp == file.stamp ? file.unchanged + 1 : 0
            file.stamp = stamp
            let isOver = file.unchanged >= Self.patience
            busy[key] = isOver ? nil : file
            if isOver { _ = try? group.ignore(opened.descriptor, false) }
            // The last time in any case, for what was changed just before the reports began again.
            guard isOver || file.unchanged == 0 else { continue }
            key.withFile(changed)
        }
    }
}
