package import FolioPolicy

extension SmapsEntry {
    /// The mapping as the policy looks at it. What has been touched is known only where a PMD maps all of it.
    ///
    /// Source: Linux 6.18 fs/proc/task_mmu.c show_smap_vma_flags().
    package var facts: MappingFacts {
        var facts = MappingFacts(
            address: range.start, offset: Int(clamping: offset), length: range.length,
            read: permissions.utf8.first == UInt8(ascii: "r"), write: writable, exec: executable, shared: shared)
        if rss == 0 { facts.touched = false }
        facts.advice = flags.contains("hg") ? .hugePage : flags.contains("nh") ? .noHugePage : MappingAdvice.none
        facts.special = !flags.isDisjoint(with: ["io", "pf", "mm", "de"])
        var modes: UserfaultfdModes = []
        if flags.contains("um") { modes.insert(.missing) }
        if flags.contains("uw") { modes.insert(.writeProtect) }
        if flags.contains("ui") { modes.insert(.minor) }
        facts.userfaultfd = modes
        facts.copied = !shared && (sizes["Anonymous"] ?? 0) > 0
        facts.anonymous = shared && path.hasPrefix("/dev/zero")
        return facts
    }
}
