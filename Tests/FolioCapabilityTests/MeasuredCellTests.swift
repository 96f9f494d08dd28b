import FolioPolicy
import Testing

@testable import FolioCapability

@Suite("What was measured is what the policy says")
struct MeasuredCellTests {
    /// Results in the order of `MeasuredKernel`: `+` mapped, `-` EINVAL (or not, where no call returns), `.` not measured.
    private static func row(_ marks: String, errno: String? = "EINVAL") -> [MeasuredKernel: MeasuredCase.Result] {
        var results: [MeasuredKernel: MeasuredCase.Result] = [:]
        for (kernel, mark) in zip(MeasuredKernel.allCases, marks) where mark != "." {
            results[kernel] = mark == "+" ? .mapped : .refused(errno)
        }
        return results
    }

    /// MADV_COLLAPSE.
    static let collapses: [MeasuredCase] = [
        MeasuredCase("ext4, read only", row("-+--+")) { $0.mapping.exec = false },
        MeasuredCase("ext4, r-x", row("++--+")),
        MeasuredCase("ext4, shared writable mapping", row("----+"), sharedWritable),
        MeasuredCase("xfs, shared writable mapping", on: MeasuredCase.xfs, row("----+"), sharedWritable),
        MeasuredCase(
            "xfs, r-x, orders 1 to 8 cached", on: MeasuredCase.xfs, row("-+--+"), scan: [.linux6_1: "page_compound"]
        ) { $0.file.cachedOrders = FolioOrderSet((1...8).map { FolioOrder($0) }) },
        MeasuredCase("xfs, r-x, first fault under MADV_HUGEPAGE", on: MeasuredCase.xfs, row("++--+")) {
            $0.file.cachedOrders = [FolioOrder(9)]
            $0.mapping.advice = .hugePage
        },
        MeasuredCase("btrfs, r-x", on: MeasuredCase.btrfs, row("++---")),
        MeasuredCase("erofs, r-x", on: MeasuredCase.erofs, row("++-.+")),
        MeasuredCase("squashfs, r-x", on: MeasuredCase.squashfs, row(".+---")),
        MeasuredCase("f2fs, r-x, not immutable", on: MeasuredCase.f2fs, row("....-")),
        MeasuredCase("overlay, r-x", on: MeasuredCase.overlay, row("++--.")),
        MeasuredCase("FUSE's own cache, r-x", on: MeasuredCase.fuse, row("++--.")),
        MeasuredCase("tmpfs huge=never, read only", on: MeasuredCase.tmpfs("never"), row("+++++")) {
            $0.mapping.exec = false
        },
        MeasuredCase("tmpfs huge=never, r-x", on: MeasuredCase.tmpfs("never"), row("+++++")),
        MeasuredCase("tmpfs without huge=, shared writable", on: MeasuredCase.tmpfs(nil), row("+++++"), sharedWritable),
        MeasuredCase("tmpfs huge=never, written to", on: MeasuredCase.tmpfs("never"), row("+++++")) {
            $0.file.dirty = true
            $0.file.openForWrite = true
        },
        MeasuredCase("tmpfs, shmem_enabled=deny", on: MeasuredCase.tmpfs("always"), row("----.")) {
            $0.system.shmemEnabled = .deny
        },
        MeasuredCase(
            "FUSE passthrough to tmpfs", on: MeasuredCase.passthrough(to: MeasuredCase.tmpfs("never")), row(".+++.")),
        MeasuredCase("a descriptor open for writing", row("----+")) { $0.file.openForWrite = true },
        MeasuredCase("not touched, no page table in the 1 GiB around", row("----+")) {
            $0.mapping.touched = false
            $0.mapping.pageTableNearby = false
        },
        MeasuredCase("not touched, a page table in the 1 GiB around", row("-+--+"), scan: [.linux6_1: "pmd_none"]) {
            $0.mapping.touched = false
            $0.mapping.pageTableNearby = true
        },
        MeasuredCase("dirty pages, ext4", row("----+")) { $0.file.dirty = true },
        MeasuredCase("dirty pages, xfs", on: MeasuredCase.xfs, row("----+")) { $0.file.dirty = true },
        MeasuredCase("dirty pages, FUSE", on: MeasuredCase.fuse, row(".+...")) { $0.file.dirty = true },
        MeasuredCase("incongruent", row("-----")) { $0.mapping.address = 0x7f00_0000_1000 },
        MeasuredCase("incongruent, tmpfs", on: MeasuredCase.tmpfs("always"), row("-----")) {
            $0.mapping.address = 0x7f00_0000_1000
        },
        MeasuredCase("ragged and congruent", row("++...")) {
            $0.mapping.address = 0x7f00_0010_0000
            $0.mapping.offset = 1 << 20
            $0.mapping.length = 3 << 20
        },
        MeasuredCase("a chunk past the end of the file", row("--...")) { $0.file.size = 3 << 20 },
        MeasuredCase("a chunk past the end of the file, tmpfs", on: MeasuredCase.tmpfs("never"), row("++...")) {
            $0.file.size = 3 << 20
        },
        MeasuredCase("MADV_NOHUGEPAGE, small folios", row("-----")) { $0.mapping.advice = .noHugePage },
        MeasuredCase("MADV_NOHUGEPAGE, a PMD folio cached", on: MeasuredCase.xfs, row("--..-")) {
            $0.mapping.advice = .noHugePage
            $0.file.cachedOrders = [FolioOrder(9)]
        },
        MeasuredCase("PR_SET_THP_DISABLE", row("--.-.")) { $0.system.processDisabled = true },
        MeasuredCase("transparent_hugepage/enabled is never", row(".+..+")) { $0.system.enabled = .never },
        MeasuredCase("of another process", by: .processCollapse, row(".+...")),
    ]

    /// Page faults, populating, read(2), write(2).
    static let faults: [MeasuredCase] = [
        fault("ext4, plain", MeasuredCase.ext4, "...-."),
        fault("xfs, plain", MeasuredCase.xfs, "...-."),
        fault("ext4, MADV_HUGEPAGE", MeasuredCase.ext4, "...++", advice: .hugePage),
        fault("xfs, MADV_HUGEPAGE", MeasuredCase.xfs, "+++++", advice: .hugePage),
        fault("ext4, MADV_HUGEPAGE, small folios cached", MeasuredCase.ext4, "...--", advice: .hugePage, [.zero]),
        fault("xfs, MADV_HUGEPAGE, small folios cached", MeasuredCase.xfs, "-----", advice: .hugePage, [FolioOrder(2)]),
        fault("btrfs, plain", MeasuredCase.btrfs, "...-."),
        fault("btrfs, MADV_HUGEPAGE", MeasuredCase.btrfs, "...-.", advice: .hugePage),
        fault("FUSE's own cache, plain", MeasuredCase.fuse, "...-."),
        fault("FUSE's own cache, MADV_HUGEPAGE", MeasuredCase.fuse, "...-.", advice: .hugePage),
        fault("tmpfs huge=always, plain", MeasuredCase.tmpfs("always"), "...+."),
        fault("tmpfs huge=within_size, plain", MeasuredCase.tmpfs("within_size"), "...+."),
        fault("tmpfs huge=within_size, MADV_HUGEPAGE", MeasuredCase.tmpfs("within_size"), "...+.", advice: .hugePage),
        fault("tmpfs huge=advise, plain", MeasuredCase.tmpfs("advise"), "...-."),
        fault("tmpfs huge=advise, MADV_HUGEPAGE", MeasuredCase.tmpfs("advise"), "...+.", advice: .hugePage),
        fault("FUSE passthrough to ext4, plain", MeasuredCase.passthrough(to: MeasuredCase.ext4), "...-."),
        fault(
            "FUSE passthrough to ext4, MADV_HUGEPAGE", MeasuredCase.passthrough(to: MeasuredCase.ext4), "...+.",
            advice: .hugePage),
        fault(
            "FUSE passthrough to tmpfs, plain", MeasuredCase.passthrough(to: MeasuredCase.tmpfs("always")), "...+."),
        fault("a PMD folio cached, plain", MeasuredCase.ext4, "++.+.", [FolioOrder(9)]),
        fault("a PMD folio cached, MADV_NOHUGEPAGE", MeasuredCase.xfs, "+-..-", advice: .noHugePage, [FolioOrder(9)]),
        fault("a PMD folio cached, enabled=never", MeasuredCase.ext4, "...+.", [FolioOrder(9)]) {
            $0.system.enabled = .never
        },
        fault("a PMD folio cached, overlay, incongruent", MeasuredCase.overlay, "...-.", [FolioOrder(9)]) {
            $0.mapping.address = 0x7f00_0000_3000
        },
        fault("a PMD folio cached, overlay, congruent", MeasuredCase.overlay, "...+.", [FolioOrder(9)]),
        MeasuredCase("MADV_POPULATE_READ after the cache was dropped", by: .populate, row("...+.", errno: nil)) {
            $0.mapping.advice = .hugePage
            $0.mapping.touched = false
            $0.file.cachedOrders = []
        },
        MeasuredCase("one write(2), ext4", by: .write, row("...++", errno: nil), freshWrite),
        MeasuredCase("one write(2), xfs", on: MeasuredCase.xfs, by: .write, row("...++", errno: nil), freshWrite),
    ]

    /// The background thread.
    static let khugepaged: [MeasuredCase] = [
        MeasuredCase("khugepaged, ext4, r-x", by: .khugepaged, row("++...", errno: nil)) {
            $0.system.enabled = .always
        },
        MeasuredCase("khugepaged, ext4, read only", by: .khugepaged, row("-+...", errno: nil)) {
            $0.system.enabled = .always
            $0.mapping.exec = false
        },
        MeasuredCase("khugepaged, FUSE, r-x", on: MeasuredCase.fuse, by: .khugepaged, row("++...", errno: nil)) {
            $0.system.enabled = .always
        },
        MeasuredCase("khugepaged, FUSE, read only", on: MeasuredCase.fuse, by: .khugepaged, row("-+...", errno: nil)) {
            $0.system.enabled = .always
            $0.mapping.exec = false
        },
    ]

    @Test("in every cell", arguments: collapses + faults + khugepaged, MeasuredKernel.allCases)
    func cell(measured: MeasuredCase, kernel: MeasuredKernel) throws {
        guard let result = measured.results[kernel] else { return }
        var document = measured.document
        document.kernel = kernel.facts
        let decision = decide(document.query(registry: try CapabilityRegistry()))
        let trace = decision.rules.filter { $0.outcome == .fail || $0.outcome == .unknown }
            .map { "\($0.id): \($0.evidence)" }.joined(separator: "; ")
        switch result {
        case .mapped:
            #expect(decision.verdict == .allowed, "\(kernel.rawValue): \(decision.missing) \(trace)")
            #expect(decision.errno == nil)
        case .refused(let errno):
            #expect(decision.verdict == .denied, "\(kernel.rawValue): \(decision.missing) \(trace)")
            #expect(decision.errno == errno, "\(kernel.rawValue): \(trace)")
        }
        if let scan = measured.scanReasons[kernel] { #expect(decision.scanReason == scan) }
    }

    @Test("an incongruent mapping is refused before the scan", arguments: MeasuredKernel.allCases)
    func incongruentLeavesNoTrace(kernel: MeasuredKernel) throws {
        let measured = MeasuredCase("incongruent", [:]) { $0.mapping.address = 0x7f00_0000_1000 }
        var document = measured.document
        document.kernel = kernel.facts
        #expect(decide(document.query(registry: try CapabilityRegistry())).scanReason == nil)
    }

    private static func fault(
        _ name: String, _ filesystem: FilesystemFacts, _ marks: String, advice: MappingAdvice = .none,
        _ cached: FolioOrderSet = [], _ change: (inout QueryDocument) -> Void = { _ in }
    ) -> MeasuredCase {
        MeasuredCase(name, on: filesystem, by: .fault, row(marks, errno: nil)) {
            $0.mapping.exec = false
            $0.mapping.touched = false
            $0.mapping.advice = advice
            $0.file.cachedOrders = cached
            change(&$0)
        }
    }

    private static func sharedWritable(_ document: inout QueryDocument) {
        document.mapping.exec = false
        document.mapping.write = true
        document.mapping.shared = true
        document.file.openForWrite = true
        document.file.dirty = true
    }

    private static func freshWrite(_ document: inout QueryDocument) {
        document.mapping.exec = false
        document.mapping.touched = false
        document.file.cachedOrders = []
        document.file.openForWrite = true
    }
}
