import FolioPolicy
import Foundation
import LinuxFacts
import Testing

@Suite("the tracepoint of collapses of files")
struct TraceTests {
    @Test("every line of a collapse gives its thread's name, file and result; other tracepoints' lines give nothing")
    func sampleOf618() throws {
        let url = try #require(Bundle.module.url(forResource: "Samples/huge_memory-6.18", withExtension: "txt"))
        let records = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").compactMap {
            CollapseTraceRecord.parse($0)
        }
        #expect(records.count == 2)
        #expect(records[0].threadName == "t")
        #expect(records[0].filename == "a, present=b")
        #expect(records[0].reason == .pteMappedHugePage)
        #expect(records[1].threadName == "a b-7 [1]-9")
        #expect(records[1].filename == "result=x")
        #expect(records[1].reason == .pageCount)
    }

    @Test(
        "a thread is told by its name, whatever is in it",
        arguments: [
            ("      khugepaged-38      [001] .....   26.1: ", "khugepaged"),
            ("     a-1 [0]-77      [001] .....   26.1: ", "a-1 [0]"),
            ("  khugepaged-9-1234    (   9) [000] .....   1.0: ", "khugepaged-9"),
        ])
    func threads(head: String, name: String) throws {
        let record = try #require(
            CollapseTraceRecord.parse(
                head + "mm_khugepaged_scan_file: mm=0, scan_pfn=0x1, present=1, swap=0, result=succeeded"))
        #expect(record.threadName == name)
        #expect(record.isKhugepaged == (name == "khugepaged"))
    }

    @Test("every SCAN code is read as it is printed", arguments: ScanReason.allCases)
    func codes(reason: ScanReason) {
        #expect(ScanReason(traced: reason.rawValue) == reason)
    }

    @Test("SCAN_DEL_PAGE_LRU is read in both spellings, an unknown word not at all")
    func spellings() {
        #expect(ScanReason(traced: "could_not_delete_page_from_lru") == .deletePageLRU)
        #expect(ScanReason(traced: "could_not_isolate_page") == .deletePageLRU)
        #expect(ScanReason(traced: "no_such_result") == nil)
    }

    @Test(
        "a line that is cut short is left out",
        arguments: ["", "mm_khugepaged_scan_file: ", "x-1 [0] mm_khugepaged_scan_file: mm=0"])
    func cut(line: String) {
        #expect(CollapseTraceRecord.parse(line) == nil)
    }
}
