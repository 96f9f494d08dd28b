/// What people do with FolioFS (examples/stories), each held to its visible result.
let storyCases: [TestCase] = stories.map { story in
    TestCase("Stories/\(story.name)") { bench in
        let outcome = try run(
            [bench.repository + "/examples/stories/\(story.name)"] + story.arguments,
            environment: ["FOLIOFS": bench.foliofs])
        if outcome.status == 4 { throw Skip(outcome.lines.last ?? "it says not why") }
        try expectEqual(outcome.status, 0, outcome.text)
        try expect(outcome.text.contains(story.result), outcome.text)
    }
}

private let stories: [(name: String, arguments: [String], result: String)] = [
    ("toolchain", [], "could be mapped by PMDs"), ("model", ["64"], "in 1 copy"), ("image", [], "served staged"),
    ("build", [], "it says 210"), ("database", [], "the answers are the same"),
    ("network", [], "has changed on the server"), ("kernels", [], "Linux 7.3"),
    ("plugin", [], "after: large folios allowed"), ("diagnosis", [], "of 8 MiB"),
    ("monitoring", [], "foliofs_staging_too_large_total{"),
]
