/// Where the mapping lies: a PMD maps a naturally aligned range of the file at a naturally aligned address.
enum AlignmentRules {
    static let range = Rule("mapping.range", source: "mmap(2), madvise(2); all versions mm/mmap.c do_mmap()")
    static let congruent = Rule(
        "align.congruent",
        source: """
            5.4 mm/khugepaged.c hugepage_vma_check(); 6.0 include/linux/huge_mm.h transhuge_vma_suitable(); \
            6.10 thp_vma_suitable_order(); mm/memory.c do_set_pmd()
            """)
    static let wholeChunk = Rule(
        "chunk.vma", source: "6.0 include/linux/huge_mm.h transhuge_vma_suitable(); 6.10 thp_vma_suitable_order()")

    static func ask(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let mapping = inquiry.mapping
        let length = Fact("mapping.length", mapping.lengthIsKnown ? mapping.length : nil)
        let offset = Fact("mapping.offset", mapping.offsetIsKnown ? mapping.offset : nil)
        guard mapping.offsetIsKnown, mapping.lengthIsKnown else {
            askUnknown(inquiry, offset, length, &trace)
            return
        }
        guard let span = inquiry.span else {
            trace.fail(range, inquiry.beforeScan, "no mapping has such an offset and length", offset, length)
            trace.skip(congruent, "there is no mapping")
            trace.skip(wholeChunk, "there is no mapping")
            return
        }
        trace.pass(range, "page-aligned, and fits", offset, length)
        askCongruent(inquiry, offset, &trace)
        if span.count > 0 {
            trace.pass(wholeChunk, "whole chunks of the file in the mapping", Fact("count", span.count))
        } else {
            trace.fail(wholeChunk, inquiry.beforeScan, "no whole chunk of the file is in the mapping", offset, length)
        }
    }

    /// A mapping of which it is not known what part of the file it maps.
    private static func askUnknown(_ inquiry: Inquiry, _ offset: Fact, _ length: Fact, _ trace: inout RuleTrace) {
        let missing = [offset, length].filter { $0.value == .unknown }.map(\.name.description)
        trace.lack(range, missing, inquiry.beforeScan, "a mapping must hold whole chunks", offset, length)
        if inquiry.mapping.offsetIsKnown {
            askCongruent(inquiry, offset, &trace)
        } else {
            trace.skip(congruent, "it is not known what is mapped", offset)
        }
        trace.skip(wholeChunk, "it is not known what is mapped", length)
    }

    private static func askCongruent(_ inquiry: Inquiry, _ offset: Fact, _ trace: inout RuleTrace) {
        guard let address = inquiry.mapping.address else {
            trace.lack(
                congruent, "mapping.address", inquiry.beforeScan, "address and offset must agree modulo the PMD size",
                Fact("mapping.address", .unknown), offset)
            return
        }
        let fact = Fact("mapping.address", .address(address))
        let difference = address &- UInt64(bitPattern: Int64(inquiry.mapping.offset))
        if difference & UInt64(inquiry.geometry.pmdSize - 1) == 0 {
            trace.pass(congruent, "address and offset agree modulo the PMD size", fact, offset)
        } else {
            trace.fail(
                congruent, inquiry.beforeScan, "address and offset differ modulo the PMD size", fact, offset)
        }
    }
}
