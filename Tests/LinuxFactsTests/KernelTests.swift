import FolioPolicy
import SystemPackage
import Testing

@testable import LinuxFacts

@Suite("what a kernel says of itself")
struct KernelTests {
    @Test(
        "a release begins with its version",
        arguments: [
            ("6.12.117+deb13-amd64", KernelVersion(6, 12, 117)), ("6.1.0-28-amd64", KernelVersion(6, 1, 0)),
            ("6.18.44-fc-v657", KernelVersion(6, 18, 44)), ("7.3.4", KernelVersion(7, 3, 4)),
            ("5.15.0-1064-azure", KernelVersion(5, 15, 0)), ("5.14.0-503.el9.x86_64", KernelVersion(5, 14, 0)),
            ("6.19-rc3", KernelVersion(6, 19, 0)), ("6.6.87.2-microsoft-standard-WSL2", KernelVersion(6, 6, 87)),
            ("mykernel", nil), ("", nil), ("6", nil), ("6.x", nil),
        ] as [(String, KernelVersion?)])
    func release(text: String, version: KernelVersion?) {
        #expect(KernelRelease(release: text, machine: "x86_64").version == version)
    }

    @Test("the running kernel has a version and a machine")
    func running() {
        let kernel = KernelRelease.read()
        #expect(kernel.version != nil)
        #expect(!kernel.machine.isEmpty)
    }

    @Test("y, m and 1 are on; n, 0 and not set off; the rest is not a switch")
    func config() throws {
        let options = KernelConfig.parse(try Sample.text("config-6.12-excerpt.txt"))
        #expect(options["READ_ONLY_THP_FOR_FS"] == true)
        #expect(options["BTRFS_FS"] == true)
        #expect(options["BASE_SMALL"] == false)
        #expect(options["TRANSPARENT_HUGEPAGE_ALWAYS"] == false)
        #expect(options["NR_CPUS"] == nil)
        #expect(options["CC_VERSION_TEXT"] == nil)
        let older = KernelConfig.parse(try Sample.text("config-6.1-excerpt.txt"))
        #expect(older["BASE_SMALL"] == false)
        #expect(older["READ_ONLY_THP_FOR_FS"] == false)
        #expect(KernelConfig.parse("CONFIG_\nnonsense\n# CONFIG_X\n").filter { $0.key != "" }.isEmpty)
    }

    @Test("a whole configuration without an option does not have it; without one only /sys speaks")
    func completed() throws {
        let options = KernelConfig.parse(try Sample.text("config-6.12-excerpt.txt"))
        #expect(FactReader.completed(options, hugePages: true)["BTRFS_EXPERIMENTAL"] == false)
        #expect(FactReader.completed(nil, hugePages: true) == ["TRANSPARENT_HUGEPAGE": true])
        #expect(FactReader.completed([:], hugePages: nil) == [:])
    }

    @Test("gzip expands to what was packed, and nothing cut off is taken")
    func gzip() throws {
        let packed = try Sample.bytes("config-6.12-excerpt.gz")
        #expect(Gzip.expand(packed) == (try Sample.bytes("config-6.12-excerpt.txt")))
        for length in 0..<packed.count - 8 { #expect(Gzip.expand(Array(packed[..<length])) == nil) }
        for index in 10..<packed.count {
            var damaged = packed
            damaged[index] ^= 0x55
            _ = Gzip.expand(damaged)
        }
    }

    @Test("the geometry is the kernel's own word, then the architecture's; 16-slot nodes end at order 7")
    func geometry() {
        let usual = FactReader.geometry(machine: "x86_64", pageSize: 4096, pmdSize: 2 << 20, smallXArray: false)
        #expect(usual == .x86_64)
        let pae = FactReader.geometry(machine: "i686", pageSize: 4096, pmdSize: 4 << 20, smallXArray: false)
        #expect(pae.pmdOrder == FolioOrder(10))
        let silent = FactReader.geometry(machine: "aarch64", pageSize: 65536, pmdSize: nil, smallXArray: false)
        #expect(silent.pmdOrder == FolioOrder(13) && !silent.reachesPMD)
        #expect(!FactReader.geometry(machine: "x86_64", pageSize: 4096, pmdSize: nil, smallXArray: true).reachesPMD)
        #expect(!FactReader.geometry(machine: "vax", pageSize: 4096, pmdSize: nil, smallXArray: false).reachesPMD)
        let odd = FactReader.geometry(machine: "x86_64", pageSize: 4096, pmdSize: 5000, smallXArray: false)
        #expect(odd == .x86_64)
    }

    @Test("huge page settings are the bracketed words and the numbers")
    func settings() {
        let settings = HugePageSettings.parse([
            "enabled": "always [madvise] never\n", "defrag": "always defer defer+madvise [madvise] never\n",
            "shmem_enabled": "always within_size advise [never] deny force\n", "hpage_pmd_size": "2097152\n",
            "khugepaged/max_ptes_none": "511\n", "khugepaged/odd": "x\n",
        ])
        #expect(settings.enabled == .madvise)
        #expect(settings.defrag == "madvise")
        #expect(settings.shmemEnabled == .never)
        #expect(settings.pmdSize == 2 << 20)
        #expect(settings.khugepaged == ["max_ptes_none": 511])
        let empty = HugePageSettings.parse(["enabled": "nothing chosen\n", "shmem_enabled": "[wat]"])
        #expect(empty.enabled == nil && empty.shmemEnabled == nil && empty.pmdSize == nil)
        #expect(HugePageSettings.read(root: "/nonexistent") == nil)
    }
}
