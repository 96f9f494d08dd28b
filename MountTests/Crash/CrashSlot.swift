/// One thing that a writer changes again and again, a version at a time; what it holds tells the version.
struct CrashSlot: CustomStringConvertible {
    /// How a version comes to be.
    enum Kind: String, CaseIterable {
        /// pwrite(2) of a record of one file, then fdatasync(2).
        case record
        /// The same through a shared mapping, then fsync(2).
        case mapped
        /// A new file that is synchronized and renamed over the old one, then fsync(2) of the directory.
        case replaced
        /// Odd versions are a file, even ones none.
        case toggled
        /// O_APPEND writes of one line for each version.
        case appended
        /// A directory with a file in it, renamed to and fro: even versions are called a, odd ones b.
        case moved

        /// How many slots of the kind each writer has.
        var count: Int {
            switch self {
            case .record, .mapped: 32
            case .replaced, .toggled: 8
            case .appended: 1
            case .moved: 2
            }
        }
    }

    let kind: Kind
    let index: Int

    static func all(mapped: Bool) -> [CrashSlot] {
        Kind.allCases.filter { mapped || $0 != .mapped }.flatMap { kind in
            (0..<kind.count).map { CrashSlot(kind: kind, index: $0) }
        }
    }

    var description: String { "\(kind.rawValue) \(index)" }

    /// The file that holds it, in the writer's directory.
    func name(_ version: Int) -> String {
        switch kind {
        case .record, .mapped, .appended: kind.rawValue
        case .replaced, .toggled: "\(kind.rawValue)\(index)"
        case .moved: "\(kind.rawValue)\(index)\(version % 2 == 0 ? "a" : "b")"
        }
    }

    /// Bytes of a record: never across a page, so that no write of it is torn.
    static let recordSize = 512
    /// Bytes of a line.
    static let lineSize = 32

    /// What a version holds.
    func content(_ version: Int) -> [UInt8] {
        let size =
            switch kind {
            case .record, .mapped: Self.recordSize
            case .appended: Self.lineSize
            case .replaced, .toggled, .moved: 100 + (version * 977 + index * 131) % 20000
            }
        var bytes = Array("\(kind.rawValue) \(index) \(version) ".utf8)
        bytes.reserveCapacity(size)
        while bytes.count < size - 1 { bytes.append(UInt8(truncatingIfNeeded: bytes.count &* 7 &+ version) | 1) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// The version that these bytes are; nil: none, or not wholly.
    func version(of bytes: [UInt8]) -> Int? {
        let words = String(decoding: bytes.prefix(40), as: UTF8.self).split(separator: " ", maxSplits: 3)
        guard words.count == 4, words[0] == kind.rawValue, words[1] == String(index), let version = Int(words[2]),
            bytes == content(version)
        else { return nil }
        return version
    }
}
