import SystemPackage

/// /proc/PID/smaps: the mappings of a process with what of them is mapped by PMDs.
///
/// Reading it while a collapse runs may take the lock that the collapse needs: read before and after.
package enum Smaps {
    /// The entries of an smaps file; what is not understood is left out.
    package static func parse(_ text: String) -> [SmapsEntry] {
        var entries: [SmapsEntry] = []
        for line in text.split(separator: "\n") {
            if let entry = SmapsEntry(header: line) {
                entries.append(entry)
            } else if !entries.isEmpty {
                entries[entries.count - 1].take(line)
            }
        }
        return entries
    }

    /// The mappings of a process; nil: the caller's.
    /// - Throws: what open(2) or read(2) say; EACCES for a process that the caller may not trace, ENOENT for none.
    package static func read(process: Int32? = nil) throws(LinuxError) -> [SmapsEntry] {
        let path = FilePath("/proc/\(process.map(String.init) ?? "self")/smaps")
        do {
            return parse(try TextFile.read(path))
        } catch {
            let advice: String? =
                switch error {
                case .permissionDenied, .notPermitted: "run it as root or as the process's owner"
                case .noSuchFileOrDirectory, .noSuchProcess: "there is no such process"
                default: nil
                }
            throw LinuxError("read the mappings in", path, error, advice: advice)
        }
    }
}
