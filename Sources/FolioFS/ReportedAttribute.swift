import FuseServer
import Glibc

/// An extended attribute by which a mount says how it serves a file: `user.foliofs.route`.
///
/// It is of the mount alone. Nobody sets one, none reaches the source, and none is listed, so that programs that copy a file with its
/// attributes do not take it along.
enum ReportedAttribute: String, CaseIterable {
    /// The route by which the file is served, or would be now.
    case route
    /// Why it is that one, in a sentence.
    case reason
    /// The rule that named the routes.
    case rule
    /// Bytes last seen to be mapped by PMDs for whoever maps the file, in decimal.
    case pmdMapped = "pmd_mapped"

    private static let prefix = Array("user.foliofs.".utf8CString.dropLast())

    /// Whether a name is one of a mount's own attributes, there or not.
    @inline(__always)
    static func owns(_ name: EntryName) -> Bool { strncmp(name.pointer, prefix, prefix.count) == 0 }

    /// The attribute of a name that `owns`; nil: there is none.
    init?(_ name: EntryName) {
        self.init(rawValue: String(cString: name.pointer + Self.prefix.count))
    }

    /// A list of names, each ended by NUL, without those of the prefix.
    static func without(_ names: [CChar]) -> [CChar] {
        let all = names.split(separator: 0)
        guard all.contains(where: { $0.starts(with: prefix) }) else { return names }
        return all.filter { !$0.starts(with: prefix) }.flatMap { $0 + [0] }
    }
}
