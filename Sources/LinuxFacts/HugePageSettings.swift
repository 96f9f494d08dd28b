package import FolioPolicy
package import SystemPackage

/// The settings under /sys/kernel/mm/transparent_hugepage. nil: the file is not there or not understood.
///
/// Source: Linux Documentation/admin-guide/mm/transhuge.rst; mm/huge_memory.c, mm/khugepaged.c.
package struct HugePageSettings: Hashable, Sendable {
    /// `enabled`: who gets huge pages by fault and by khugepaged.
    package var enabled: HugePageMode?
    /// `defrag`: how hard a fault tries (`always`, `defer`, `defer+madvise`, `madvise`, `never`).
    package var defrag: String?
    /// `shmem_enabled`: the mounts of the kernel itself, and `deny` and `force` for all.
    package var shmemEnabled: ShmemHugeMode?
    /// The numbers under `khugepaged/` by file name: `max_ptes_none`, `scan_sleep_millisecs`, `pages_collapsed`.
    package var khugepaged: [String: Int]
    /// `hpage_pmd_size`: bytes that one PMD maps.
    package var pmdSize: Int?

    /// Settings from their values.
    package init(
        enabled: HugePageMode?, defrag: String?, shmemEnabled: ShmemHugeMode?, khugepaged: [String: Int] = [:],
        pmdSize: Int?
    ) {
        self.enabled = enabled
        self.defrag = defrag
        self.shmemEnabled = shmemEnabled
        self.khugepaged = khugepaged
        self.pmdSize = pmdSize
    }

    /// The word in brackets of a line such as `always [madvise] never`; nil: there is none.
    package static func chosen(_ text: String) -> String? {
        guard let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") else { return nil }
        return String(text[text.index(after: open)..<close])
    }

    /// Settings from the files' texts by their names below the directory; khugepaged's are `khugepaged/NAME`.
    package static func parse(_ texts: [String: String]) -> HugePageSettings {
        var khugepaged: [String: Int] = [:]
        for (name, text) in texts where name.hasPrefix("khugepaged/") {
            khugepaged[String(name.dropFirst("khugepaged/".count))] = number(text)
        }
        return HugePageSettings(
            enabled: texts["enabled"].flatMap(chosen).flatMap(HugePageMode.init),
            defrag: texts["defrag"].flatMap(chosen),
            shmemEnabled: texts["shmem_enabled"].flatMap(chosen).flatMap(ShmemHugeMode.init),
            khugepaged: khugepaged, pmdSize: texts["hpage_pmd_size"].flatMap(number))
    }

    /// The machine's settings; nil: this kernel has no transparent huge pages, or /sys is not mounted.
    package static func read(root: FilePath = "/sys/kernel/mm/transparent_hugepage") -> HugePageSettings? {
        var texts: [String: String] = [:]
        let khugepaged = [
            "alloc_sleep_millisecs", "defrag", "full_scans", "max_ptes_none", "max_ptes_shared", "max_ptes_swap",
            "pages_collapsed", "pages_to_scan", "scan_sleep_millisecs",
        ]
        let names = ["enabled", "defrag", "shmem_enabled", "hpage_pmd_size"] + khugepaged.map { "khugepaged/" + $0 }
        for name in names {
            texts[name] = try? TextFile.read(root.pushing(FilePath(name)))
        }
        return texts.isEmpty ? nil : parse(texts)
    }

    /// `hugepages-<size>kB/shmem_enabled`, which shared anonymous mappings heed from 6.11 on; nil: there is none.
    package static func shmemControl(
        folioSize: Int, root: FilePath = "/sys/kernel/mm/transparent_hugepage"
    ) -> ShmemOrderControl? {
        let file = root.appending("hugepages-\(folioSize >> 10)kB").appending("shmem_enabled")
        return (try? TextFile.read(file)).flatMap(chosen).flatMap(ShmemOrderControl.init)
    }

    private static func number(_ text: String) -> Int? {
        Int(text.filter { !$0.isWhitespace })
    }
}
