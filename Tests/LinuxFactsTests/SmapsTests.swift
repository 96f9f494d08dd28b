import FolioPolicy
import Foundation
import LinuxFacts
import Testing

@Suite("/proc/PID/smaps")
struct SmapsTests {
    private func sample(_ name: String) throws -> String {
        let url = try #require(Bundle.module.url(forResource: "Samples/" + name, withExtension: "txt"))
        return try String(contentsOf: url, encoding: .utf8)
    }

    @Test("every mapping has its range, its path with spaces and commas, and its sizes in bytes")
    func sampleOf618() throws {
        let entries = Smaps.parse(try sample("smaps-6.18"))
        #expect(entries.count == 3)
        let shmem = entries[1]
        #expect(shmem.range == AddressRange(0x7f11_9a20_0000, 0x7f11_9a60_0000))
        #expect(shmem.range.length == 4 << 20)
        #expect(shmem.path == "/mnt/a, present=b")
        #expect(shmem.device == DeviceNumber(major: 0, minor: 0x27))
        #expect(shmem.shmemPmdMapped == 4 << 20)
        #expect(shmem.filePmdMapped == 0)
        #expect(shmem.pmdMapped == 4 << 20)
        #expect(shmem.rss == 4 << 20)
        #expect(shmem.sizes["THPeligible"] == nil)
        #expect(shmem.flags == ["rd", "mr", "mw", "me"])
        #expect(!shmem.executable && !shmem.shared && !shmem.writable)
        #expect(entries[0].executable && entries[0].offset == 0x1000)
        #expect(entries[2].shared && entries[2].writable && entries[2].path.isEmpty)
        #expect(entries[2].flags.contains("nh"))
    }

    @Test("a mapping is what the policy looks at: advice, watchers, drivers' flags and copied pages")
    func facts() throws {
        let facts = Smaps.parse(try sample("smaps-6.18")).map(\.facts)
        #expect(facts[0].exec == true && facts[0].shared == false && facts[0].offset == 0x1000)
        #expect(facts[1].address == 0x7f11_9a20_0000 && facts[1].length == 4 << 20)
        #expect(facts[2].advice == .noHugePage && facts[2].write == true && facts[2].shared == true)
        #expect(facts.allSatisfy { $0.special == false && $0.userfaultfd == [] })
        let text =
            "7f0000000000-7f0000200000 rw-p 00000000 00:01 5 /a\nRss: 8 kB\nAnonymous: 4 kB\n"
            + "VmFlags: rd wr mr mw me uw um pf hg \n"
        let other = try #require(Smaps.parse(text).first?.facts)
        #expect(other.special == true && other.copied == true && other.advice == .hugePage)
        #expect(other.userfaultfd == [.missing, .writeProtect])
    }

    @Test(
        "what is not understood is left out",
        arguments: ["", "\n\n", "Rss: 4 kB\n", "zz-10 r--p 0 0:0 0\n", "20-10 r--p 0 0:0 0\n", "10-20 r-- 0 0:0 0\n"])
    func nonsense(text: String) {
        #expect(Smaps.parse(text).isEmpty)
    }

    @Test("of the mappings that overlap a range, and no others")
    func overlapping() throws {
        let text = try sample("smaps-6.18")
        let all = Smaps.parse(text)
        for entry in all {
            #expect(Smaps.parse(text, overlapping: entry.range) == [entry])
        }
        #expect(Smaps.parse(text, overlapping: AddressRange(0, .max)) == all)
        #expect(Smaps.parse(text, overlapping: AddressRange(0, 4096)).isEmpty)
    }

    @Test("a size too large to count in bytes is left out")
    func overflow() {
        let entries = Smaps.parse("1000-2000 r--p 0 00:00 0\nRss: 9223372036854775807 kB\nPss: 1 kB\n")
        #expect(entries[0].sizes == ["Pss": 1024])
    }

    @Test("a process reads its own mappings")
    func own() throws {
        #expect(try Smaps.read().contains { $0.executable && $0.path.hasPrefix("/") })
    }
}
