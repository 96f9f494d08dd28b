/// One mapping (VMA) with its sizes, an entry of /proc/PID/smaps.
///
/// Source: proc_pid_smaps(5); Linux 6.18 fs/proc/task_mmu.c show_smap().
package struct SmapsEntry: Hashable, Sendable {
    /// The addresses it covers.
    package var range: AddressRange
    /// Four letters: `r-xp`.
    package var permissions: String
    /// The file offset mapped at the start, in bytes.
    package var offset: UInt64
    /// st_dev of the file; 0:0 for anonymous memory.
    package var device: DeviceNumber
    /// The inode number; 0 for anonymous memory.
    package var inode: UInt64
    /// The path as printed, ` (deleted)` included, or a word such as `[heap]`; "" for anonymous memory.
    package var path: String
    /// Every line that has a size, by its name (`Rss`, `FilePmdMapped`), in bytes.
    package var sizes: [String: Int]
    /// The words of VmFlags: `rd`, `ex`, `hg` (MADV_HUGEPAGE), `nh` (MADV_NOHUGEPAGE).
    package var flags: Set<String>

    /// Bytes of files mapped by PMDs.
    package var filePmdMapped: Int { sizes["FilePmdMapped"] ?? 0 }
    /// Bytes of shmem mapped by PMDs.
    package var shmemPmdMapped: Int { sizes["ShmemPmdMapped"] ?? 0 }
    /// Bytes of anonymous memory mapped by PMDs.
    package var anonymousHugePages: Int { sizes["AnonHugePages"] ?? 0 }
    /// Resident bytes.
    package var rss: Int { sizes["Rss"] ?? 0 }
    /// Bytes of file pages, of any filesystem, mapped by PMDs.
    package var pmdMapped: Int { filePmdMapped + shmemPmdMapped }
    /// PROT_EXEC.
    package var executable: Bool { permissions.utf8.dropFirst(2).first == UInt8(ascii: "x") }
    /// PROT_WRITE.
    package var writable: Bool { permissions.utf8.dropFirst(1).first == UInt8(ascii: "w") }
    /// MAP_SHARED.
    package var shared: Bool { permissions.utf8.last == UInt8(ascii: "s") }

    /// The first line of an entry; nil where it is not one.
    init?(header line: Substring.UTF8View) {
        var rest = line
        func field() -> Substring {
            let field = rest.prefix { $0 != UInt8(ascii: " ") }
            rest = rest[field.endIndex...].drop { $0 == UInt8(ascii: " ") }
            return Substring(field)
        }
        // The other lines begin with a capital.
        guard let first = line.first, !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return nil }
        let bounds = field().split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let start = UInt64(bounds[0], radix: 16), let end = UInt64(bounds[1], radix: 16),
            start <= end
        else { return nil }
        let permissions = field()
        let hexadecimalOffset = field()
        let numbers = field().split(separator: ":", omittingEmptySubsequences: false)
        guard permissions.utf8.count == 4, let offset = UInt64(hexadecimalOffset, radix: 16), numbers.count == 2,
            let major = UInt32(numbers[0], radix: 16), let minor = UInt32(numbers[1], radix: 16),
            let inode = UInt64(field())
        else { return nil }
        range = AddressRange(start, end)
        self.permissions = String(permissions)
        self.offset = offset
        device = DeviceNumber(major: major, minor: minor)
        self.inode = inode
        path = String(Substring(rest))
        sizes = [:]
        flags = []
    }

    /// Takes in a line after the first; a line that is not understood is left out.
    mutating func take(_ line: Substring.UTF8View) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(Substring(line[..<colon]))
        let words = line[line.index(after: colon)...].split(separator: UInt8(ascii: " ")).map(Substring.init)
        if name == "VmFlags" {
            flags = Set(words.map(String.init))
        } else if words.count == 2, words[1] == "kB", let count = Int(words[0]) {
            let (bytes, overflow) = count.multipliedReportingOverflow(by: 1024)
            if !overflow { sizes[name] = bytes }
        }
    }
}
