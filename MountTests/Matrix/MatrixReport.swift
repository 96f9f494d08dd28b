import Glibc

/// What the kernels did, all together: counts by kernel, stage and operation, every disagreement, and what is new.
struct MatrixReport {
    /// Predictions of one kernel, stage and operation.
    struct Count {
        var cases = 0
        var agreed = 0
    }

    /// One kernel.
    struct Kernel {
        /// Its name in the matrix: `host`, `6.12-rothp`.
        let name: String
        /// Its release: `6.12.117`.
        var release = ""
        var total = Count()
        /// By stage, then operation.
        var counts: [String: [String: Count]] = [:]
        /// How many scenarios were not observed, by why.
        var unobserved: [String: Int] = [:]
    }

    /// A disagreement, or what agreed only when it was repeated.
    struct Finding {
        let kernel: String
        let release: String
        /// As verify reports it.
        let entry: JSON

        var line: String { entry["scenario"]?.string ?? "?" }
        var key: String { kernel + " " + line }
    }

    let build: String
    private(set) var kernels: [Kernel] = []
    private(set) var disagreements: [Finding] = []
    private(set) var repeated: [Finding] = []
    /// Case lines that some kernel was held against.
    private(set) var distinct: Set<String> = []
    /// The report before this one; nil: there is none.
    let previous: JSON?

    /// Reads the results of a build.
    /// - Parameter previous: the file of the report before this one, which `write` replaces.
    init(_ results: String, build: String, previous: String) throws {
        self.build = build
        self.previous = readText(previous).flatMap { try? JSON($0) }
        let names = try bash("ls \"$D\" 2>/dev/null | sort -V", environment: ["D": results]).lines
        for name in names.filter({ $0 == Matrix.host }) + names.filter({ $0 != Matrix.host }) {
            var kernel = Kernel(name: name)
            for file in try bash("ls \"$D\"/*.json 2>/dev/null", environment: ["D": "\(results)/\(name)"]).lines {
                add(try JSON(readText(file) ?? ""), to: &kernel)
            }
            if kernel.total.cases > 0 { kernels.append(kernel) }
        }
    }

    private mutating func add(_ report: JSON, to kernel: inout Kernel) {
        kernel.release = report["kernel"]?.string ?? "?"
        for group in report["groups"]?.array ?? [] {
            guard let stage = group["stage"]?.string, let operation = group["operation"]?.string else { continue }
            let count = Count(
                cases: Int(group["cases"]?.number ?? 0), agreed: Int(group["agreed"]?.number ?? 0))
            kernel.counts[stage, default: [:]][operation] = count
            kernel.total.cases += count.cases
            kernel.total.agreed += count.agreed
        }
        for skip in report["skipped"]?.array ?? [] {
            kernel.unobserved[skip["reason"]?.string ?? "?", default: 0] += 1
        }
        distinct.formUnion((report["played"]?.array ?? []).compactMap(\.string))
        let finding = { [kernel] (entry: JSON) in
            Finding(kernel: kernel.name, release: kernel.release, entry: entry)
        }
        disagreements += (report["disagreements"]?.array ?? []).map(finding)
        repeated += (report["repeated"]?.array ?? []).map(finding)
    }

    /// Predictions on all kernels.
    var total: Count {
        kernels.reduce(into: Count()) {
            $0.cases += $1.total.cases
            $0.agreed += $1.total.agreed
        }
    }

    /// A few lines for the terminal.
    var summary: String {
        let lines = kernels.map { "\($0.name) (Linux \($0.release)): \($0.total.agreed) of \($0.total.cases) agreed" }
        let all = total
        return
            (lines + [
                "\(all.agreed) of \(all.cases) predictions agreed, \(distinct.count) distinct cases, \(kernels.count) kernels"
            ]).joined(separator: "\n")
    }

    /// What changed since the report before this one, a sentence each; empty: nothing, or there is none.
    var changes: [String] {
        guard let previous else { return [] }
        let before = Set((previous["disagreements"]?.array ?? []).compactMap { $0["key"]?.string })
        let now = Set(disagreements.map(\.key))
        var sentences = now.subtracting(before).sorted().map { "disagrees now: \($0)" }
        sentences += before.subtracting(now).sorted().map { "disagrees no longer, or is not played: \($0)" }
        for kernel in kernels {
            let entry = previous["kernels"]?.array?.first { $0["name"]?.string == kernel.name }
            guard let cases = entry?["cases"]?.number else {
                sentences.append("\(kernel.name) is new, with \(kernel.total.cases) predictions")
                continue
            }
            if Int(cases) != kernel.total.cases {
                sentences.append("\(kernel.name): \(kernel.total.cases) predictions, \(Int(cases)) before")
            }
        }
        return sentences
    }

    /// The report as JSON: `build`, `cases`, `agreed`, `distinct`, `kernels`, `disagreements`, `repeated`, `changes`.
    var json: JSON {
        func number(_ value: Int) -> JSON { .number(Double(value)) }
        func findings(_ list: [Finding]) -> JSON {
            .array(
                list.map {
                    .object([
                        "key": .string($0.key), "kernel": .string($0.kernel), "release": .string($0.release),
                        "finding": $0.entry,
                    ])
                })
        }
        let all = total
        return .object([
            "build": .string(build), "cases": number(all.cases), "agreed": number(all.agreed),
            "distinct": number(distinct.count), "disagreements": findings(disagreements),
            "repeated": findings(repeated), "changes": .array(changes.map { .string($0) }),
            "kernels": .array(
                kernels.map { kernel in
                    .object([
                        "name": .string(kernel.name), "release": .string(kernel.release),
                        "cases": number(kernel.total.cases), "agreed": number(kernel.total.agreed),
                        "unobserved": .object(kernel.unobserved.mapValues(number)),
                        "stages": .object(
                            kernel.counts.mapValues { operations in
                                .object(
                                    operations.mapValues {
                                        .object(["cases": number($0.cases), "agreed": number($0.agreed)])
                                    })
                            }),
                    ])
                }),
        ])
    }

    /// Writes report.json and report.html, and keeps the former for the next to compare with.
    func write(to directory: String) throws {
        let text = json.text
        try writeText(text, to: directory + "/report.json")
        try writeText(MatrixPage(self).html, to: directory + "/report.html")
        try writeText(text, to: directory + "/previous.json")
    }
}
