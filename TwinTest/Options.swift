import Glibc

/// What the command line asks for.
struct Options {
    static let usage = """
        usage: foliofs-twin --foliofs PROGRAM [--operations N] [--seconds S] [--seed S] [--filesystem NAME[,NAME]]
            [--mode NAME[,NAME]] [--episode N] [--length N] [--without KIND[,KIND]] [--work DIR] [--no-shrink]
            [--shrink-seconds S] [--failures N] [--patience S] [--kill-within MILLISECONDS [--kills N]]
               foliofs-twin --differences
        """

    var foliofs = ""
    /// Of all runs together.
    var operations = 100_000
    /// After which no new episode begins, of all runs together; 0: no limit.
    var seconds = 0
    var seed: UInt64 = 1
    var filesystems = Filesystem.allCases
    var modes = MountMode.allCases
    /// Only this episode of each run.
    var episode: Int?
    /// Operations of an episode.
    var length = 3000
    var without: Set<Operation.Kind> = []
    var work = "/tmp"
    var shrinks = true
    /// After how many failures a run ends; a failure costs it its daemon, not the run.
    var failures = 1
    /// Seconds that making one failure small may take.
    var shrinkSeconds = 60
    /// Whether the differences that are not looked for are listed instead of anything played.
    var lists = false
    /// Seconds without progress that count as a hang.
    var patience = 30
    /// Kills the daemon again at a random moment of so many milliseconds, and another takes over; 0: never.
    var killWithin = 0
    /// Runs go on until so many daemons were killed, all of them together.
    var kills = 0

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--no-shrink" {
                shrinks = false
                continue
            }
            if word == "--differences" {
                lists = true
                continue
            }
            guard word.hasPrefix("--"), let value = rest.popFirst() else { throw Failure(Self.usage) }
            switch word {
            case "--foliofs": foliofs = value
            case "--operations": operations = try Self.number(word, value)
            case "--seconds": seconds = try Self.number(word, value)
            case "--seed": seed = UInt64(try Self.number(word, value))
            case "--episode": episode = try Self.number(word, value)
            case "--length": length = try Self.number(word, value)
            case "--failures": failures = try Self.number(word, value)
            case "--shrink-seconds": shrinkSeconds = try Self.number(word, value)
            case "--patience": patience = try Self.number(word, value)
            case "--kill-within": killWithin = try Self.number(word, value)
            case "--kills": kills = try Self.number(word, value)
            case "--work": work = value
            case "--filesystem": filesystems = try Self.words(word, value)
            case "--mode": modes = try Self.words(word, value)
            case "--without":
                without = Set(
                    try value.split(separator: ",").map { text in
                        guard let kind = Operation.Kind.allCases.first(where: { "\($0)" == text }) else {
                            throw Failure("--without: no operation is called \(text)")
                        }
                        return kind
                    })
            default: throw Failure(Self.usage)
            }
        }
        guard !foliofs.isEmpty || lists, kills == 0 || killWithin > 0 else { throw Failure(Self.usage) }
    }

    private static func number(_ option: String, _ text: String) throws -> Int {
        guard let number = Int(text), number >= 0 else { throw Failure("\(option) wants a number, not \(text)") }
        return number
    }

    private static func words<Word: RawRepresentable & CaseIterable>(_ option: String, _ text: String) throws -> [Word]
    where Word.RawValue == String {
        if text == "all" { return Array(Word.allCases) }
        return try text.split(separator: ",").map { name in
            guard let word = Word(rawValue: String(name)) else {
                let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure("\(option): \(name) is none of \(known)")
            }
            return word
        }
    }
}
