import SystemPackage

/// /proc/PID/smaps: the mappings of a process with what of them is mapped by PMDs.
///
/// Reading it while a collapse runs may take the lock that the collapse needs: read before and after.
package enum Smaps {
    /// The entries of an smaps file; what is not understood is left out.
    ///
    /// - Parameter wanted: only those that overlap it.
    package static func parse(_ text: String, overlapping wanted: AddressRange? = nil) -> [SmapsEntry] {
        var entries: [SmapsEntry] = []
        var isWanted = false
        // Bytes: a scan reads some hundred thousand lines, and Characters cost ten times as much.
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            if let entry = SmapsEntry(header: line) {
                isWanted = wanted.map { $0.overlaps(entry.range) } ?? true
                if isWanted { entries.append(entry) }
            } else if isWanted {
                entries[entries.count - 1].take(line)
            }
        }
        return entries
    }

    /// The mappings of a process; nil: the caller's.
    ///
    /// - Parameter wanted: only those that overlap it.
    /// - Throws: what open(2) or read(2) say; EACCES for a process that the caller may not trace, ENOENT for none.
    package static func read(
        process: Int32? = nil, overlapping wanted: AddressRange? = nil
    ) throws(LinuxError) -> [SmapsEntry] {
        let path = FilePath("/proc/\(process.map(String.init) ?? "self")/smaps")
        do {
            return parse(try TextFile.read(path), overlapping: wanted)
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
