import Testing

@testable import FolioCapability

@Suite("Text that is broken at random")
struct BrokenTextTests {
    /// Numbers that are the same for the same seed (SplitMix64).
    struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    /// A text with some of its characters replaced, dropped or doubled.
    static func broken(_ text: String, _ random: inout Seeded) -> String {
        var scalars = Array(text.unicodeScalars)
        let spare = Array("[]{}=\"'\\#,.:\n\t\0 09aé-".unicodeScalars)
        for _ in 0..<Int.random(in: 1...6, using: &random) where !scalars.isEmpty {
            let place = Int.random(in: 0..<scalars.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: scalars.remove(at: place)
            case 1: scalars.insert(spare[Int.random(in: 0..<spare.count, using: &random)], at: place)
            case 2: scalars.removeSubrange(place..<min(place + 9, scalars.count))
            default: scalars[place] = spare[Int.random(in: 0..<spare.count, using: &random)]
            }
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    @Test("a manifest is read, or its error stands inside it", arguments: 0..<10)
    func manifests(seed: UInt64) {
        var random = Seeded(state: seed)
        let texts = BuiltInManifests.texts
        for _ in 0..<60 {
            let text = Self.broken(texts[Int.random(in: 0..<texts.count, using: &random)].text, &random)
            let lines = text.unicodeScalars.count { $0 == "\n" } + 1
            do {
                _ = try Manifest.parse(text, file: "a.toml")
            } catch {
                #expect((0...lines).contains(error.line) && !error.message.isEmpty, "\(error)")
            }
        }
    }

    @Test("a query is read, or its error is one line", arguments: 0..<10)
    func queries(seed: UInt64) {
        var random = Seeded(state: seed &+ 1000)
        for _ in 0..<300 {
            do {
                _ = try QueryDocument.parse(Self.broken(QueryDocumentTests.example, &random))
            } catch {
                #expect(!error.description.contains { $0.isNewline } && error.line >= 1)
            }
        }
    }
}
