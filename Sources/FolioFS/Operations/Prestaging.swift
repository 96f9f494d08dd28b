import CLinuxShims
import FolioPolicy
import Glibc
import LinuxFacts
import Logging
import SystemPackage

/// What is made ready once the mount is there, before anybody opens it.
extension FolioFilesystem {
    /// Brings about the huge folios of files that patterns name, on a thread of its own, as far as the staging limit goes.
    func prestage() {
        guard !options.prestagePatterns.isEmpty else { return }
        BackgroundThread.run { [weak self] in
            BackgroundThread.giveWay()
            self?.prestageTree()
        }
    }

    private func prestageTree() {
        let patterns = options.prestagePatterns
        var isFull = false
        SourceWalk(table.mount).forEachFile { path, file in
            let text = String(decoding: path, as: UTF8.self)
            guard patterns.contains(where: { $0.matches(path) }) else { return !stager.isStopped }
            do throws(Errno) {
                _ = try promote(file, path: path, shown: text, waits: false, evicts: false) { _ in !stager.isStopped }
                count(.prestaged)
            } catch {
                if error == .noSpace { isFull = true }
                logger.info("not made ready ahead: \(text): \(error.name)")
            }
            return !stager.isStopped
        }
        if isFull { logger.notice("not all files that --prestage names fit in the staging limit") }
    }
}
