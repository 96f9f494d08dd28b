/// Every prediction of the scenario suite, borne out by this kernel.
let verifyCases: [TestCase] = [
    TestCase("Verify/the kernel does what was predicted", limit: 400) { bench in
        let outcome = try bench.cli("verify", "--json", timeout: 380)
        let brace = outcome.text.firstIndex(of: "{")
        guard let brace else {
            throw Failure("verify printed no JSON, exit \(outcome.status): \(outcome.text.suffix(500))")
        }
        let report = try JSON(String(outcome.text[brace...]))
        try report.requireKeys("kernel cases agreed disagreements skipped", of: "verify --json")
        let disagreements = (report["disagreements"]?.array ?? []).map { "\($0["scenario"]?.string ?? "?")" }
        try expect(
            outcome.status == 0 && disagreements.isEmpty,
            "exit \(outcome.status), disagreements: \(disagreements.joined(separator: "; "))")
        let cases = report["cases"]?.number ?? 0
        try expectEqual(report["agreed"]?.number ?? -1, cases, "agreed of cases")
        try expect(cases >= 60, "only \(Int(cases)) cases")
    }
]
