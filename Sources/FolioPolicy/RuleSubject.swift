/// What rules look at: one file, and how it is being opened. nil: not known.
public struct RuleSubject: Hashable, Sendable {
    /// Its path below the source, in bytes.
    public var path: [UInt8]?
    /// i_size in bytes.
    public var size: Int?
    /// What it is known to be.
    public var kinds: FileKinds
    /// The kinds of which it is known whether it is one.
    public var knownKinds: FileKinds
    /// Which of the magics that the rules ask for it has.
    public var magics: Set<FileMagic>?
    /// Whether an execve(2) opens it.
    public var exec: Bool
    /// The user id of its owner.
    public var user: UInt32?
    /// Its group id.
    public var group: UInt32?
    /// Which of the heats that the rules ask for it has reached.
    public var heats: Set<OpenHeat>

    /// A subject from its parts.
    public init(
        path: [UInt8]? = nil, size: Int? = nil, kinds: FileKinds = [], knownKinds: FileKinds = [],
        magics: Set<FileMagic>? = nil, exec: Bool = false, user: UInt32? = nil, group: UInt32? = nil,
        heats: Set<OpenHeat> = []
    ) {
        self.path = path
        self.size = size
        self.kinds = kinds
        self.knownKinds = knownKinds
        self.magics = magics
        self.exec = exec
        self.user = user
        self.group = group
        self.heats = heats
    }

    /// What facts alone tell of a file.
    public init(_ file: FileFacts, exec: Bool = false) {
        self.init(size: file.size, exec: exec)
        switch file.executable {
        case true?: (kinds, knownKinds) = (.executable, .executable)
        case false?: knownKinds = .all
        case nil: break
        }
    }
}
