package import FolioPolicy
import Glibc
import SystemPackage

/// Finds out about a file what rules look at.
package enum RuleSubjectReader {
    /// The most of a dynamic section that is looked at, in bytes.
    private static let longestDynamicSection = 1 << 16

    /// A regular file that `descriptor` has open for reading. Nothing is read that no rule asks for, but for four bytes.
    ///
    /// - Parameters:
    ///   - path: below the source, where it is known.
    ///   - heats: those that it has reached.
    package static func read(
        _ descriptor: Int32, size: Int, mode: UInt32, user: UInt32, group: UInt32, path: [UInt8]?, exec: Bool,
        heats: Set<OpenHeat>, for rules: RouteRules
    ) -> RuleSubject {
        var subject = RuleSubject(
            path: path, size: size, knownKinds: [.executable], exec: exec, user: user, group: group, heats: heats)
        if mode & 0o111 != 0 { subject.kinds.insert(.executable) }
        // Without a byte it is nothing else; what cannot be read is not known.
        guard let beginning = bytes(descriptor, at: 0, count: 4) else { return subject }
        subject.knownKinds.insert(.elf)
        let isELF = beginning == [0x7f, 0x45, 0x4c, 0x46]
        if isELF { subject.kinds.insert(.elf) }
        if rules.needs.contains(.images) {
            subject.knownKinds = .all
            if isELF, let kind = kind(descriptor) { subject.kinds.insert(kind) }
        }
        if rules.needs.contains(.magics) {
            subject.magics = Set(
                rules.magics.filter { bytes(descriptor, at: $0.offset, count: $0.bytes.count) == $0.bytes })
        }
        return subject
    }

    /// Whether an ELF image is a program or a library; nil: it is neither, or not understood.
    ///
    /// A position-independent program says so (DF_1_PIE), or, linked by what did not yet, has an interpreter and no
    /// DT_SONAME (glibc's libc.so.6 has both).
    private static func kind(_ descriptor: Int32) -> FileKinds? {
        guard let image = ELFImage.read(descriptor) else { return nil }
        guard image.kind == .dynamic else { return .elfExecutable }
        let (isProgram, hasName) = dynamicSection(descriptor, image)
        let hasInterpreter = image.segments.contains { $0.type == .interpreter }
        return isProgram || hasInterpreter && !hasName ? .elfExecutable : .sharedObject
    }

    /// Whether a dynamic section (PT_DYNAMIC) has DF_1_PIE, and whether it has a DT_SONAME.
    private static func dynamicSection(_ descriptor: Int32, _ image: ELFImage) -> (isProgram: Bool, hasName: Bool) {
        var answer = (isProgram: false, hasName: false)
        guard let section = image.segments.first(where: { $0.type == .other(2) }),
            let offset = Int(exactly: section.offset), let size = Int(exactly: section.fileSize),
            let entries = bytes(descriptor, at: offset, count: min(size, longestDynamicSection) & ~15)
        else { return answer }
        func number(_ start: Int) -> UInt64 {
            entries[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        for start in stride(from: 0, to: entries.count, by: 16) {
            switch number(start) {
            case 0: return answer
            case 14: answer.hasName = true
            case 0x6fff_fffb: answer.isProgram = number(start + 8) & 0x0800_0000 != 0
            default: break
            }
        }
        return answer
    }

    /// The bytes at an offset, fewer where the file ends; nil: they cannot be read.
    private static func bytes(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        guard let read = try? systemCall({ pread(descriptor, &bytes, count, off_t(offset)) }) else { return nil }
        return Array(bytes[..<read])
    }
}
