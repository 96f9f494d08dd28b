/// The report of the matrix as one HTML page without scripts, pictures or anything from elsewhere.
struct MatrixPage {
    private let report: MatrixReport
    private static let operations = [
        ("fault", "F"), ("populate", "P"), ("readahead", "R"), ("write", "W"), ("collapse", "C"),
        ("processCollapse", "X"), ("khugepaged", "K"),
    ]

    /// A page of a report.
    init(_ report: MatrixReport) { self.report = report }

    /// The page.
    var html: String {
        let all = report.total
        let percent = all.cases == 0 ? "no" : "\(Self.percent(all)) %"
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>FolioFS: predictions held against kernels</title>
            <style>\(Self.style)</style></head><body>
            <h1>Predictions held against kernels</h1>
            <p class="lead">\(Self.grouped(all.agreed)) of \(Self.grouped(all.cases)) predictions agreed (\(percent)):
            \(Self.grouped(report.distinct.count)) distinct cases on \(report.kernels.count) kernels.
            Build <code>\(Self.escaped(report.build))</code>.</p>
            \(kernels)
            \(changes)
            \(disagreements)
            \(matrix)
            \(repeated)
            \(unobserved)
            </body></html>

            """
    }

    /// Every kernel with its totals.
    private var kernels: String {
        let rows = report.kernels.map { kernel in
            let unobserved = kernel.unobserved.values.reduce(0, +)
            return """
                <tr><th scope="row">\(Self.escaped(kernel.name))</th><td>\(Self.escaped(kernel.release))</td>
                <td class="n">\(Self.grouped(kernel.total.cases))</td><td class="n">\(Self.grouped(kernel.total.agreed))</td>
                <td class="n">\(Self.percent(kernel.total)) %</td><td class="n">\(Self.grouped(unobserved))</td></tr>
                """
        }
        return """
            <table class="plain"><thead><tr><th>kernel</th><th>release</th><th>predictions</th><th>agreed</th>
            <th>agreement</th><th>not observed</th></tr></thead><tbody>\(rows.joined())</tbody></table>
            """
    }

    private var changes: String {
        let items = report.changes.prefix(200).map { "<li>\(Self.escaped($0))</li>" }
        let body =
            report.previous == nil
            ? "<p>There is no report before this one.</p>"
            : items.isEmpty ? "<p>Nothing.</p>" : "<ul>\(items.joined())</ul>"
        return "<h2>Changed since the last run</h2>" + body
    }

    private var disagreements: String {
        guard !report.disagreements.isEmpty else { return "<h2>Disagreements</h2><p>None.</p>" }
        return "<h2>Disagreements: \(report.disagreements.count)</h2>"
            + report.disagreements.map(Self.disagreement).joined()
    }

    private static func disagreement(_ finding: MatrixReport.Finding) -> String {
        let entry = finding.entry
        func words(_ key: String) -> String {
            (entry[key]?.array ?? []).compactMap(\.string).map { "<li>\(escaped($0))</li>" }.joined()
        }
        return """
            <section class="finding"><h3>\(escaped(finding.kernel)) <code>foliofs verify --case '\(escaped(finding.line))'</code></h3>
            <ul>\(words("differences"))</ul>
            <p>predicted <code>\(escaped(entry["predicted"]?.text ?? ""))</code></p>
            <p>observed at \(Int(entry["offset"]?.number ?? 0)) <code>\(escaped(entry["observed"]?.text ?? ""))</code></p>
            <details><summary>rules</summary><ol>\(words("trace"))</ol></details></section>
            """
    }

    /// Stages by kernels; in each cell a square for each operation.
    private var matrix: String {
        var stages: [String] = []
        for kernel in report.kernels {
            for stage in kernel.counts.keys.sorted() where !stages.contains(stage) { stages.append(stage) }
        }
        let head = report.kernels.map { "<th>\(Self.escaped($0.name))</th>" }.joined()
        let rows = stages.sorted().map { stage in
            "<tr><th scope=\"row\">\(Self.escaped(stage))</th>"
                + report.kernels.map { Self.cell($0.counts[stage] ?? [:]) }.joined() + "</tr>"
        }
        let legend = Self.operations.map { "<b>\($0.1)</b> \($0.0)" }.joined(separator: ", ")
        return """
            <h2>By filesystem, kernel and operation</h2>
            <p class="legend">A square for each operation: \(legend).
            <span class="s ok">C</span> all agreed, <span class="s bad">C</span> some did not, <span class="s none">C</span> not
            observed. Beneath: predictions that agreed, of all.</p>
            <table class="matrix"><thead><tr><th>stage</th>\(head)</tr></thead><tbody>\(rows.joined())</tbody></table>
            """
    }

    private static func cell(_ counts: [String: MatrixReport.Count]) -> String {
        guard !counts.isEmpty else { return "<td class=\"absent\">not there</td>" }
        let squares = operations.map { operation, letter in
            guard let count = counts[operation] else { return "<span class=\"s none\">\(letter)</span>" }
            let kind = count.agreed == count.cases ? "ok" : "bad"
            return
                "<span class=\"s \(kind)\" title=\"\(operation): \(count.agreed) of \(count.cases)\">\(letter)</span>"
        }
        let cases = counts.values.reduce(0) { $0 + $1.cases }
        let agreed = counts.values.reduce(0) { $0 + $1.agreed }
        return "<td>\(squares.joined())<br><small>\(agreed) / \(cases)</small></td>"
    }

    private var repeated: String {
        guard !report.repeated.isEmpty else { return "" }
        let rows = report.repeated.map { finding in
            """
            <tr><td>\(Self.escaped(finding.kernel))</td><td><code>\(Self.escaped(finding.line))</code></td>
            <td class="n">\(Int(finding.entry["disagreed"]?.number ?? 0))</td></tr>
            """
        }
        return """
            <h2>Agreed when played again: \(report.repeated.count)</h2>
            <p>Races of the environment: writeback, extra references, khugepaged. A prediction that is wrong disagrees every time, five
            times of five.</p>
            <table class="plain"><thead><tr><th>kernel</th><th>case</th><th>disagreed before</th></tr></thead>
            <tbody>\(rows.joined())</tbody></table>
            """
    }

    private var unobserved: String {
        let rows = report.kernels.flatMap { kernel in
            kernel.unobserved.sorted { $0.value > $1.value }.map { reason, count in
                "<tr><td>\(Self.escaped(kernel.name))</td><td class=\"n\">\(Self.grouped(count))</td><td>\(Self.escaped(reason))</td></tr>"
            }
        }
        return """
            <h2>Not observed, and why</h2>
            <table class="plain"><thead><tr><th>kernel</th><th>cases</th><th>reason</th></tr></thead>
            <tbody>\(rows.joined())</tbody></table>
            """
    }

    /// Cut, not rounded, so that 100 means all.
    private static func percent(_ count: MatrixReport.Count) -> String {
        guard count.cases > 0, count.agreed < count.cases else { return count.cases > 0 ? "100" : "0" }
        let hundredths = count.agreed * 10_000 / count.cases
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// 12 345.
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.enumerated().map { index, digit in
            (index > 0 && (digits.count - index).isMultiple(of: 3) ? "\u{202f}" : "") + String(digit)
        }.joined()
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }

    private static let style = """
        :root { color-scheme: light; --ok: #2f7d4f; --bad: #b3261e; --line: #d9dce1; --soft: #f4f5f7; --text: #1c2024; --dim: #60646c; }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: #fff; max-width: 1240px; margin: 2rem auto; padding: 0 1.5rem; }
        h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 0 0 .4rem; }
        .lead { font-size: 1.05rem; color: var(--dim); margin: 0 0 1.2rem; } .legend { color: var(--dim); }
        code { font: .86em ui-monospace, monospace; background: var(--soft); padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere; }
        table { border-collapse: collapse; } th, td { text-align: left; padding: .32rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        thead th { color: var(--dim); font-weight: 600; border-bottom: 2px solid var(--line); } tbody th { font-weight: 600; white-space: nowrap; }
        .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .matrix td { white-space: nowrap; } .matrix small { color: var(--dim); font-variant-numeric: tabular-nums; } .absent { color: #a3a8b0; }
        .s { display: inline-block; width: 1.15em; text-align: center; font-size: .72rem; font-weight: 700; line-height: 1.5em; border-radius: 3px; margin-right: 2px; color: #fff; }
        .ok { background: var(--ok); } .bad { background: var(--bad); } .none { background: #e3e6ea; color: #8b909a; }
        .finding { border-left: 4px solid var(--bad); background: var(--soft); padding: .8rem 1rem; margin: .8rem 0; } .finding ul, .finding p { margin: .3rem 0; }
        """
}
