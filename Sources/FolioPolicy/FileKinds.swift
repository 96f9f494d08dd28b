/// What a file is, as far as rules ask: none, one or several of these.
public struct FileKinds: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Kinds from their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Some execute bit of its mode is set.
    public static let executable = FileKinds(rawValue: 1)
    /// It begins as ELF files do.
    public static let elf = FileKinds(rawValue: 2)
    /// An ELF image that execve(2) runs: ET_EXEC, or ET_DYN with an interpreter or an entry in no library.
    public static let elfExecutable = FileKinds(rawValue: 4)
    /// An ELF image of type ET_DYN that is no program.
    public static let sharedObject = FileKinds(rawValue: 8)

    /// Every kind.
    public static let all: FileKinds = [.executable, .elf, .elfExecutable, .sharedObject]
    /// Those that take a look into the file, beyond its first four bytes.
    public static let ofImages: FileKinds = [.elfExecutable, .sharedObject]

    /// Each kind with the word for it.
    public static let words: [(word: String, kind: FileKinds)] = [
        ("executable", .executable), ("elf", .elf), ("elf-executable", .elfExecutable),
        ("shared-object", .sharedObject),
    ]

    /// The words for the kinds that are set.
    public var words: [String] { Self.words.filter { contains($0.kind) }.map(\.word) }
}
