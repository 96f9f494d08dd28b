import Testing

@testable import FolioPolicy

@Suite("Properties of every decision")
struct PropertyTests {
    @Test("a capability added never makes less allowed through the OR", arguments: 0..<8)
    func monotoneOr(seed: UInt64) {
        var generator = QueryGenerator(seed: seed &+ 501)
        let larger: [OrderCapability] = [
            .none, .range(minimum: .zero, maximum: FolioOrder(6)), .range(minimum: .zero, maximum: FolioOrder(9)),
        ]
        for _ in 0..<200 {
            var query = generator.complete()
            query.file.executable = generator.random.pick([true, false, nil])
            var before: Verdict?
            for fallback in [false, true] {
                var allowed = false
                for orders in larger {
                    query.capability.orders = orders
                    query.kernel.config["READ_ONLY_THP_FOR_FS"] = fallback
                    let verdict = mayCreateLargeFolios(
                        kernel: query.kernel, capability: query.capability, file: query.file
                    ).verdict
                    if allowed { #expect(verdict == .allowed) }
                    allowed = verdict == .allowed
                }
                query.capability.orders = .none
                let verdict = mayCreateLargeFolios(
                    kernel: query.kernel, capability: query.capability, file: query.file
                ).verdict
                if before == .allowed { #expect(verdict == .allowed) }
                before = verdict
            }
        }
    }

    @Test("shifting address and offset together by a PMD changes nothing", arguments: 0..<8)
    func shifted(seed: UInt64) {
        var generator = QueryGenerator(seed: seed &+ 9001)
        for _ in 0..<200 {
            let (query, _) = generator.poorer(generator.complete(), oneIn: 12)
            guard query.mapping.offsetIsKnown else { continue }
            var shifted = query
            let chunk = query.kernel.geometry.pmdSize
            shifted.mapping.address = query.mapping.address.map { $0 + UInt64(chunk) }
            shifted.mapping.offset += chunk
            // The file is longer by what is before the mapping.
            shifted.file.size = query.file.size.map { $0 + chunk }
            let (first, second) = (decide(query), decide(shifted))
            #expect(first.verdict == second.verdict, "\(query)")
            #expect(first.errno == second.errno && first.scanReason == second.scanReason, "\(query)")
            #expect(first.orders == second.orders && first.missing == second.missing)
            #expect(first.rules.map(\.id) == second.rules.map(\.id))
            #expect(first.rules.map(\.outcome) == second.rules.map(\.outcome))
            #expect(first.chunks.map(\.action) == second.chunks.map(\.action))
        }
    }

    @Test("the trace ends in the rule that decided", arguments: 0..<12)
    func decider(seed: UInt64) throws {
        var generator = QueryGenerator(seed: seed &+ 77_000)
        for _ in 0..<200 {
            let (query, _) = generator.poorer(generator.complete(), oneIn: 10)
            let decision = decide(query)
            let last = try #require(decision.rules.last)
            switch decision.verdict {
            case .allowed:
                #expect(last.outcome == .pass)
                #expect(decision.rules.allSatisfy { $0.outcome != .fail })
            case .denied: #expect(last.outcome == .fail)
            case .unknown: #expect(last.outcome == .unknown)
            }
        }
    }

    @Test("the errno and the SCAN code are those of the rule that decided", arguments: QueryGenerator.versions)
    func errno(version: KernelVersion) {
        var query = InvariantTests.open(version, .collapse)
        query.system.memoryCgroupHasRoom = false
        query.file.extraReferences = true
        let decision = decide(query)
        guard version >= KernelVersion(6, 1) else {
            #expect(decision.errno == "EINVAL" && decision.scanReason == nil)
            return
        }
        #expect(decision.errno == "EAGAIN" && decision.scanReason == "not_suitable_page_count")
        #expect(decision.rules.last?.id == "cache.references")
    }

    @Test(
        "an older kernel consults no rule that was born later, nor a newer one a rule that is gone",
        arguments: QueryGenerator.versions)
    func eras(version: KernelVersion) throws {
        let book = Dictionary(uniqueKeysWithValues: RuleBook.all.map { ($0.id, $0) })
        var generator = QueryGenerator(seed: UInt64(version.major * 1000 + version.minor))
        for _ in 0..<400 {
            var query = generator.complete()
            query.kernel.version = version
            query.mapping.userfaultfd = generator.random.pick([nil, .missing, .writeProtect, .minor])
            query.mapping.anonymous = generator.random.pick([nil, true])
            for outcome in decide(query).rules where outcome.id != "facts.known" {
                let rule = try #require(book[outcome.id], "\(outcome.id) is not in the book")
                if !rule.kernels.contains(version) { #expect(outcome.outcome == .skipped, "\(outcome.id)") }
            }
        }
    }

    @Test("every rule has a permanent name of its own, and a source with a kernel version")
    func book() {
        #expect(Set(RuleBook.all.map(\.id)).count == RuleBook.all.count)
        #expect(RuleBook.all.count >= 35)
        for rule in RuleBook.all {
            let (id, source) = (rule.id.description, rule.source.description)
            #expect(id.split(separator: ".").count == 2)
            #expect(source.contains(".c ") || source.contains(".h ") || source.contains("Kconfig"), "\(id): \(source)")
        }
    }

    @Test("every era is among those that an unknown version is asked about")
    func representatives() {
        for rule in RuleBook.all {
            for bound in [rule.kernels.lower, rule.kernels.upper].compactMap(\.self) {
                let before = KernelEra.representatives.filter { $0 < bound }.count
                #expect(before > 0 || bound <= KernelVersion(5, 4), "\(rule.id) \(bound)")
                #expect(KernelEra.representatives.contains(bound), "\(rule.id) \(bound)")
            }
        }
    }

    @Test("what a rule says needs no escape in JSON", arguments: 0..<4)
    func plain(seed: UInt64) {
        var generator = QueryGenerator(seed: seed)
        for _ in 0..<300 {
            let (query, _) = generator.poorer(generator.complete(), oneIn: 6)
            for rule in decide(query).rules {
                for text in [rule.id, rule.finding, rule.source, rule.first?.name ?? "", rule.second?.name ?? ""] {
                    text.withUTF8 { bytes in
                        #expect(bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }, "\(text)")
                    }
                }
            }
        }
    }
}
