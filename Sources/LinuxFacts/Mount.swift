package import SystemPackage

/// One mount, a line of /proc/PID/mountinfo.
///
/// Source: proc_pid_mountinfo(5); Linux 6.18 fs/proc_namespace.c show_mountinfo().
package struct Mount: Hashable, Sendable {
    /// The mount's id, as statx(2) has it in stx_mnt_id.
    package var id: Int
    /// The id of the mount that this one stands on; of itself or of one not in the table for a root.
    package var parentID: Int
    /// st_dev of the files in it.
    package var device: DeviceNumber
    /// The directory of the filesystem that is the mount's root.
    package var root: FilePath
    /// Where it is mounted, seen from the reader's root.
    package var mountpoint: FilePath
    /// Options of the mount; a flag without value has the value "".
    package var options: [String: String]
    /// The filesystem's type with its subtype: `ext4`, `fuse.foliofs`.
    package var type: String
    /// What is mounted: a device, a directory, any word.
    package var source: String
    /// Options of the superblock; a flag without value has the value "".
    package var superOptions: [String: String]

    /// A mount from its parts.
    package init(
        id: Int, parentID: Int, device: DeviceNumber, root: FilePath, mountpoint: FilePath, options: [String: String],
        type: String, source: String, superOptions: [String: String]
    ) {
        self.id = id
        self.parentID = parentID
        self.device = device
        self.root = root
        self.mountpoint = mountpoint
        self.options = options
        self.type = type
        self.source = source
        self.superOptions = superOptions
    }

    /// Whether the mount or its superblock is read-only.
    package var readOnly: Bool { options["ro"] != nil || superOptions["ro"] != nil }

    /// A line of mountinfo without its newline; nil where it is not one.
    package static func parse(_ line: some Collection<UInt8>) -> Mount? {
        // An empty source leaves two spaces side by side, so empty fields count.
        let fields = Array(line).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard fields.count >= 10, let dash = fields[6...].firstIndex(of: [UInt8(ascii: "-")][...]),
            fields.count >= dash + 4, let id = number(fields[0]), let parentID = number(fields[1]),
            let device = DeviceNumber(text(fields[2]))
        else { return nil }
        return Mount(
            id: id, parentID: parentID, device: device, root: path(fields[3]), mountpoint: path(fields[4]),
            options: options(fields[5]), type: text(fields[dash + 1]), source: text(fields[dash + 2]),
            superOptions: options(fields[dash + 3]))
    }

    /// Options from `a,b=c`, with mountinfo's escapes undone.
    ///
    /// An option that adds to a list (overlay's `lowerdir+`) comes again for each; its values are joined by colons.
    /// A comma inside a value is escaped (\054) by the filesystems that allow one.
    package static func options(_ field: some Collection<UInt8>) -> [String: String] {
        var options: [String: String] = [:]
        for option in Array(field).split(separator: UInt8(ascii: ",")) {
            let equals = option.firstIndex(of: UInt8(ascii: "="))
            let name = text(option[..<(equals ?? option.endIndex)])
            let value = equals.map { text(option[($0 + 1)...]) } ?? ""
            if name.hasSuffix("+"), let before = options[name] {
                options[name] = before + ":" + value
            } else {
                options[name] = value
            }
        }
        return options
    }

    private static func number(_ field: some Collection<UInt8>) -> Int? {
        Int(String(decoding: field, as: UTF8.self))
    }

    private static func text(_ field: some Collection<UInt8>) -> String {
        String(decoding: unescaped(field), as: UTF8.self)
    }

    private static func path(_ field: some Collection<UInt8>) -> FilePath {
        let bytes = unescaped(field).map(CInterop.PlatformChar.init(bitPattern:))
        return FilePath(platformString: bytes + [0])
    }

    /// The bytes with each `\ooo` (three octal digits) turned into the byte it stands for.
    ///
    /// Source: Linux fs/seq_file.c seq_escape_mem(), which writes space, tab, newline, backslash and `#` so.
    private static func unescaped(_ field: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(field)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            let octal = digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
            let value = digits.reduce(0) { $0 << 3 | Int($1 & 7) }
            if byte == UInt8(ascii: "\\"), digits.count == 3, octal, let escaped = UInt8(exactly: value), escaped != 0 {
                bytes.append(escaped)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
