import FolioCapability
import FolioPolicy

/// The answer to one question, for a person and for a program.
struct Explanation {
    /// The file's path; nil: the question had none.
    let path: String?
    /// The question.
    let query: PolicyQuery
    /// The policy's answer.
    let decision: Decision
    /// Whether large folios may be created for the file at all.
    let largeFolios: LargeFolioAnswer
    /// How FolioFS, mounted by root on that kernel, would serve the file; or how the mount serves it that it is on.
    let route: RouteDecision
    /// The mount that said so.
    let mountpoint: String?
    /// The segments of the program or library that it is; nil: not asked, or none.
    var image: ImageExplanation?

    /// Asks the policy.
    ///
    /// - Parameters:
    ///   - rules: how files get their routes.
    ///   - subject: what those look at; nil: what the facts tell.
    init(path: String?, query: PolicyQuery, rules: RouteRules = .builtIn, subject: RuleSubject? = nil) {
        let subject = subject ?? RuleSubject(query.file)
        self.init(
            path: path, query: query,
            route: FolioPolicy.route(
                RouteQuery(
                    kernel: query.kernel, system: query.system, capability: query.capability, file: query.file,
                    passthroughGranted: Self.passthroughGranted(query.kernel),
                    choice: rules.choose(subject, pmdSize: query.kernel.geometry.pmdSize))))
    }

    /// Asks the policy, but for the route, which a mount has told.
    init(path: String?, query: PolicyQuery, route: RouteDecision, mountpoint: String? = nil) {
        self.route = route
        self.mountpoint = mountpoint
        self.path = path
        self.query = query
        decision = decide(query)
        largeFolios = mayCreateLargeFolios(kernel: query.kernel, capability: query.capability, file: query.file)
    }

    /// `explain --json`, with `segments` and `interpreter` where the file was looked at as a program.
    func json() throws -> String {
        guard let image else { return document.json }
        let more = ImageDocument(segments: image.segments, interpreter: image.interpreter)
        return String(document.json.dropLast()) + "," + (try JSONText.line(more).dropFirst())
    }

    private struct ImageDocument: Encodable {
        let segments: [ImageExplanation.Segment]
        let interpreter: String?
    }

    /// The document of `explain --json` but for what an image adds.
    var document: DecisionDocument {
        DecisionDocument(
            path: path, query: query, decision: decision, route: route, mayCreateLargeFolios: largeFolios)
    }

    /// Whether the kernel grants passthrough to a mount made by root (FUSE_PASSTHROUGH, 6.9).
    static func passthroughGranted(_ kernel: KernelFacts) -> Bool {
        guard let version = kernel.version else { return false }
        return version >= KernelVersion(6, 9) && kernel.config["FUSE_PASSTHROUGH"] != false
    }

    // MARK: For a person

    /// The whole explanation.
    var text: String {
        var lines = [subject, ""]
        lines += central + [""] + operation + [""] + served + [""]
        if let image { lines += [image.text, ""] }
        var table = TextTable("rule", "outcome", "found")
        for rule in decision.rules { table.add(rule.id.description, rule.outcome.rawValue, rule.evidence) }
        lines += table.lines()
        return lines.joined(separator: "\n")
    }

    private var kernelName: String { "Linux \(query.kernel.version?.description ?? "of unknown version")" }

    private var subject: String {
        let size = query.file.size.map { ByteSize(bytes: $0).description } ?? "of unknown size"
        let owner = query.filesystem.pageCacheOwner.type
        let outer = query.filesystem.type ?? "an unknown filesystem"
        let place = owner == query.filesystem.type ? outer : "\(outer) over \(owner ?? "an unknown filesystem")"
        return "\(path ?? "the file"): \(size), on \(place), \(kernelName)"
    }

    private var central: [String] {
        let filesystem = query.capability.filesystem
        let pmd = "order \(query.kernel.geometry.pmdOrder.rawValue)"
        let half: String
        switch largeFolios.filesystemSupports {
        case .allowed: half = "yes, \(filesystem) can hold folios up to \(pmd), which one PMD maps"
        case .denied where query.file.regular == false: half = "no, it is not a regular file"
        case .denied: half = "no, \(filesystem) holds none of \(pmd) for this file on this kernel"
        case .unknown: half = "not known"
        }
        return [
            "May large folios be created for this file?  \(word(largeFolios.verdict, missing: largeFolios.missing))",
            "  By its filesystem: \(half) (\(source)).",
            "  By the executable/read-only fallback: \(fallback).",
        ]
    }

    private var source: String {
        query.capability.source + (query.capability.confidence.map { ": " + $0.rawValue } ?? "")
    }

    private var fallback: String {
        let option = "CONFIG_READ_ONLY_THP_FOR_FS"
        let from = KernelVersion(5, 4)
        let gone = KernelVersion(7, 2)
        switch largeFolios.fallback {
        case .allowed: return "yes, the kernel has \(option) and nobody has the file open for writing"
        case .unknown: return "not known"
        case .denied: break
        }
        if query.file.regular == false { return "no, it is not a regular file" }
        if let version = query.kernel.version {
            if version >= gone { return "no, \(option) is gone since Linux 7.2" }
            if version < from { return "no, \(option) begins with Linux 5.4" }
        }
        if query.kernel.config["READ_ONLY_THP_FOR_FS"] == false { return "no, the kernel is built without \(option)" }
        if query.file.openForWrite == true { return "no, the file is open for writing" }
        if query.file.executable == false { return "no, this kernel asks for an executable file" }
        return "no"
    }

    private var operation: [String] {
        let verdict = decision.verdict
        var lines = ["\(question)  \(word(verdict, missing: decision.missing))"]
        if verdict == .denied {
            var seen: [String] = []
            if let errno = decision.errno { seen.append("The call returns \(errno)") }
            if let reason = decision.scanReason {
                seen.append((seen.isEmpty ? "T" : "t") + "he kernel's scan ends with \(reason)")
            }
            if !seen.isEmpty { lines.append("  " + seen.joined(separator: "; ") + ".") }
            if let rule = decision.rules.last(where: { $0.outcome == .fail }) {
                lines.append("  Because of \(rule.id): \(rule.evidence) (\(rule.source)).")
            }
        }
        let chunks = decision.chunks.count
        if verdict == .allowed, chunks > 0 {
            let copied = decision.chunks.bytesCopied
            let size = ByteSize(bytes: query.kernel.geometry.pmdSize)
            lines.append(
                "  \(chunks) \(chunks == 1 ? "chunk" : "chunks") of \(size); "
                    + (copied == 0 ? "nothing is copied." : "\(ByteSize(bytes: copied)) copied into new folios."))
        }
        return lines
    }

    private var question: String {
        let range = "every whole \(ByteSize(bytes: query.kernel.geometry.pmdSize)) chunk of the mapping"
        return switch query.operation {
        case .fault: "Does a first touch leave \(range) mapped by a PMD?"
        case .readahead: "Does read(2), and a touch after it, leave \(range) mapped by a PMD?"
        case .write: "Does one write(2) of the range, and a touch after it, leave \(range) mapped by a PMD?"
        case .populate: "Does MADV_POPULATE_READ leave \(range) mapped by a PMD?"
        case .khugepaged: "Does khugepaged, given time, leave \(range) mapped by a PMD?"
        case .collapse: "Does MADV_COLLAPSE leave \(range) mapped by a PMD?"
        case .processCollapse: "Does process_madvise(MADV_COLLAPSE) leave \(range) mapped by a PMD?"
        }
    }

    private var served: [String] {
        let promotion =
            switch route.promotion {
            case .collapse: ", promoted by MADV_COLLAPSE"
            case .refault: ", promoted by refault"
            case .none: ""
            }
        let place = mountpoint.map { "at \($0)" } ?? "mounted by root"
        let aligned =
            route.alignedExec ? "  As a program it is loaded at a PMD-aligned address (aligned exec view)." : nil
        return [
            "How FolioFS serves it, \(place): \(route.route.rawValue)\(promotion).",
            "  \(route.rule): \(route.reason).",
        ] + chosen + [aligned].compactMap { $0 }
    }

    /// The rules that chose, and the routes that were tried.
    private var chosen: [String] {
        var lines: [String] = []
        if let rule = route.choice.rule, let routes = route.choice.routes {
            let names = routes.map(\.rawValue).joined(separator: ", ")
            lines.append("  Its routes are \(names): rule \(rule.name) (\(rule.place)).")
            for attempt in route.tried {
                let outcome = attempt.obstacle.map { "passed over: \($0)" } ?? "taken"
                lines.append("    \(attempt.route.rawValue): \(outcome)")
            }
        }
        if let rule = route.choice.promoteRule {
            let when =
                switch route.promote {
                case .open: "when it is opened"
                case .asked: "when somebody asks (foliofs promote)"
                case .never: "never"
                }
            lines.append("  Huge folios are brought about \(when): rule \(rule.name) (\(rule.place)).")
        }
        if !route.choice.unsure.isEmpty {
            let names = route.choice.unsure.map { "\($0.name) (\($0.place))" }.joined(separator: ", ")
            lines.append("  Passed over, because what they ask of the file is not known here: \(names).")
        }
        return lines
    }

    private func word(_ verdict: Verdict, missing: [String]) -> String {
        switch verdict {
        case .allowed: "Yes."
        case .denied: "No."
        case .unknown: "Not known: \(missing.isEmpty ? "a fact" : missing.joined(separator: ", ")) is missing."
        }
    }
}
