import Glibc
import SystemPackage

/// A tar archive (POSIX ustar, with GNU's and pax's long names), as what is in it and where.
struct TarArchive {
    /// A file, directory or symbolic link in it.
    struct Member: Sendable {
        /// Its path, without `./` and `/` around it.
        var path: [UInt8]
        /// Type and permissions.
        var mode: mode_t
        var user: uid_t
        var group: gid_t
        /// Bytes of content.
        var size: Int
        /// Seconds since 1970.
        var time: Int
        /// Where its content begins in the archive, in bytes.
        var offset: Int
        /// What a symbolic link says, or which member a hard link is.
        var target: [UInt8]
    }

    /// What was found, in the archive's order; hard links have the content of what they name.
    let members: [Member]

    /// Reads the headers of an archive.
    /// - Throws: what reading says; EPROTO where it is no tar archive or ends early.
    init(_ archive: FileDescriptor) throws {
        var members: [Member] = []
        var byPath: [[UInt8]: Int] = [:]
        var offset = 0
        var longPath: [UInt8]?
        var longTarget: [UInt8]?
        while let header = try Self.block(archive, offset), header.contains(where: { $0 != 0 }) {
            guard Self.isIntact(header), let size = Self.number(header[124..<136]), size < 1 << 50 else {
                throw Errno(rawValue: EPROTO)
            }
            let content = offset + 512
            offset = content + (size + 511) / 512 * 512
            let type = header[156]
            if [UInt8(ascii: "L"), UInt8(ascii: "K"), UInt8(ascii: "x")].contains(type) {
                let text = try Self.bytes(archive, content, count: size)
                switch type {
                case UInt8(ascii: "L"): longPath = Array(text.prefix { $0 != 0 })
                case UInt8(ascii: "K"): longTarget = Array(text.prefix { $0 != 0 })
                default:
                    longPath = Self.paxValue("path", text) ?? longPath
                    longTarget = Self.paxValue("linkpath", text) ?? longTarget
                }
                continue
            }
            defer { (longPath, longTarget) = (nil, nil) }
            guard let kind = Self.kinds[type] else { continue }
            var member = Member(
                path: Self.clean(longPath ?? Self.path(header)),
                mode: kind | mode_t(truncatingIfNeeded: (Self.number(header[100..<108]) ?? 0o644) & 0o7777),
                user: uid_t(truncatingIfNeeded: Self.number(header[108..<116]) ?? 0),
                group: gid_t(truncatingIfNeeded: Self.number(header[116..<124]) ?? 0),
                size: kind == S_IFREG ? size : 0, time: Self.number(header[136..<148]) ?? 0, offset: content,
                target: longTarget ?? Self.text(header[157..<257]))
            if type == UInt8(ascii: "1") {
                guard let original = byPath[Self.clean(member.target)] else { continue }
                (member.size, member.offset) = (members[original].size, members[original].offset)
            }
            byPath[member.path] = members.count
            members.append(member)
        }
        guard offset > 0 else { throw Errno(rawValue: EPROTO) }
        self.members = members
    }

    /// Types of members that are shown.
    private static let kinds: [UInt8: mode_t] = [
        UInt8(ascii: "0"): S_IFREG, 0: S_IFREG, UInt8(ascii: "1"): S_IFREG, UInt8(ascii: "2"): S_IFLNK,
        UInt8(ascii: "5"): S_IFDIR,
    ]

    /// A block of 512 bytes; nil: the archive ends there.
    private static func block(_ archive: FileDescriptor, _ offset: Int) throws -> [UInt8]? {
        let found = try bytes(archive, offset, count: 512, orLess: true)
        guard !found.isEmpty else { return nil }
        guard found.count == 512 else { throw Errno(rawValue: EPROTO) }
        return found
    }

    private static func bytes(
        _ archive: FileDescriptor, _ offset: Int, count: Int, orLess: Bool = false
    ) throws -> [UInt8] {
        guard count <= 1 << 20 else { throw Errno(rawValue: EPROTO) }
        var found = [UInt8](repeating: 0, count: count)
        let got = try found.withUnsafeMutableBytes { try archive.read(fromAbsoluteOffset: Int64(offset), into: $0) }
        guard orLess || got == count else { throw Errno(rawValue: EPROTO) }
        return Array(found[..<got])
    }

    /// Whether the header's checksum holds: the sum of its bytes, those of the checksum taken as spaces.
    private static func isIntact(_ header: [UInt8]) -> Bool {
        let sum = header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        return number(header[148..<156]) == sum
    }

    /// A number in octal digits or, from GNU tar, in base 256; nil: neither.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if let first = field.first, first & 0x80 != 0 {
            guard first == 0x80, field.dropFirst().dropLast(7).allSatisfy({ $0 == 0 }) else { return nil }
            return field.suffix(7).reduce(0) { $0 << 8 | Int($1) }
        }
        let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
        return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    private static func path(_ header: [UInt8]) -> [UInt8] {
        let prefix = header[257..<262].elementsEqual("ustar".utf8) ? text(header[345..<500]) : []
        let name = text(header[0..<100])
        return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    }

    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// A path without empty parts, `.` and `..`.
    private static func clean(_ path: [UInt8]) -> [UInt8] {
        let dot = UInt8(ascii: ".")
        let parts = path.split(separator: UInt8(ascii: "/")).filter { $0 != [dot] && $0 != [dot, dot] }
        return Array(parts.joined(separator: [UInt8(ascii: "/")]))
    }

    /// The value of a key in a pax header, whose lines are `LENGTH KEY=VALUE`.
    private static func paxValue(_ key: String, _ text: [UInt8]) -> [UInt8]? {
        var rest = text[...]
        while let space = rest.firstIndex(of: 32),
            let length = Int(String(decoding: rest[rest.startIndex..<space], as: UTF8.self)),
            length > space - rest.startIndex + 1, length <= rest.count
        {
            let line = rest[(space + 1)..<(rest.startIndex + length - 1)]
            if line.starts(with: (key + "=").utf8) { return Array(line.dropFirst(key.utf8.count + 1)) }
            rest = rest.dropFirst(length)
        }
        return nil
    }
}
