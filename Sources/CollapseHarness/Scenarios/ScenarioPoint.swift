/// A point on which large folios and their collapse turn, with the scenarios that show it.
package struct ScenarioPoint: Sendable {
    /// Its name, as docs/VERIFICATION.md has it.
    package let name: String
    /// What holds, in a sentence.
    package let says: String
    /// The case lines.
    package let lines: [String]

    /// The scenarios; a line that is none is left out, and Tests/CollapseHarnessTests fails.
    package var scenarios: [Scenario] { lines.compactMap { try? Scenario(line: $0) } }

    private init(_ name: String, _ says: String, _ lines: [String]) {
        self.name = name
        self.says = says
        self.lines = lines
    }

    /// `words` on each of `stages`.
    private static func on(_ stages: String, _ words: String...) -> [String] {
        stages.split(separator: " ").flatMap { stage in words.map { "\(stage) \($0)" } }
    }

    /// Every point.
    package static let all: [ScenarioPoint] = [
        ScenarioPoint(
            "the-or",
            "a large folio comes of the filesystem's capability or of the executable, read-only fallback",
            on(
                "xfs ext4 btrfs squashfs erofs ext2 foliofs-native-xfs", "fault cache=nothing advice=hugepage",
                "collapse protection=exec", "collapse protection=read", "khugepaged protection=exec system=always")),
        ScenarioPoint(
            "not-open-for-writing", "the fallback takes no file that anybody has open for writing",
            on(
                "xfs ext4 btrfs tmpfs-never", "collapse protection=exec opener=writer",
                "collapse protection=exec opener=direct-writer", "collapse protection=exec opener=former-writer",
                "collapse protection=exec opener=direct", "collapse protection=exec opener=reader",
                "collapse protection=shared-write")
                + on(
                    "overlay-ext4 foliofs-native-ext4 foliofs-native-xfs",
                    "collapse protection=exec opener=backing-writer")),
        ScenarioPoint(
            "three-cases-of-order", "what is cached is of order 0, between 0 and the PMD's, or of the PMD's",
            on(
                "xfs ext4 erofs", "collapse protection=exec cache=small", "collapse protection=exec cache=read",
                "collapse protection=exec cache=pmd", "collapse protection=exec cache=mixed")),
        ScenarioPoint(
            "compound-but-not-pmd-mapped", "a PMD folio in the page cache is not yet one that a PMD maps",
            on(
                "tmpfs-always tmpfs-never xfs ext4", "fault cache=pmd", "fault cache=pmd placement=off-by-page",
                "fault cache=pmd placement=last-page", "fault cache=pmd surroundings=cut",
                "fault cache=pmd surroundings=beside", "collapse cache=pmd surroundings=beside protection=exec")),
        ScenarioPoint(
            "in-place", "a PMD folio that PTEs map is collapsed where it is: no copy, the same frames",
            on(
                "tmpfs-always tmpfs-never tmpfs-withinsize xfs ext4 overlay-tmpfs foliofs-native-tmpfs",
                "collapse cache=pmd state=divided protection=exec", "collapse cache=pmd state=joined protection=exec",
                "khugepaged cache=pmd state=joined protection=exec system=always")),
        ScenarioPoint(
            "natural-alignment", "a PMD maps a naturally aligned range of the file at a naturally aligned address",
            on(
                "tmpfs-always xfs ext4 overlay-ext4", "collapse protection=exec placement=last-page cache=pmd",
                "collapse protection=exec placement=off-by-page cache=pmd",
                "collapse protection=exec placement=tail file=odd cache=pmd",
                "collapse protection=exec placement=ragged file=odd cache=pmd", "fault placement=last-page cache=pmd",
                "fault placement=tail file=odd cache=pmd")),
        ScenarioPoint(
            "shmem-orders",
            "shmem is of order 0 or the PMD's by its own controls, which MADV_COLLAPSE overrules but for deny",
            on(
                "tmpfs-never tmpfs-always tmpfs-withinsize tmpfs-advise", "fault cache=nothing",
                "fault cache=nothing advice=hugepage", "fault cache=nothing file=past-end",
                "fault cache=nothing system=shmem-deny", "fault cache=nothing system=shmem-force",
                "collapse system=shmem-deny", "collapse system=shmem-force", "collapse advice=hugepage")),
        ScenarioPoint(
            "replacing-copying-gaps",
            "old folios are replaced in order, what is missing is read in or filled, then all is copied",
            on(
                "tmpfs-never xfs ext4 btrfs erofs", "collapse protection=exec cache=half state=untouched",
                "collapse protection=exec cache=half state=partly", "collapse protection=exec file=sparse",
                "collapse protection=exec cache=nothing state=untouched", "collapse protection=exec cache=mixed",
                "collapse protection=exec surroundings=twice", "collapse protection=exec file=ragged-end")),
        ScenarioPoint(
            "rollback", "what fails leaves every byte, hole, folio and mapping as it was",
            on(
                "tmpfs-never xfs ext4 btrfs", "collapse protection=exec state=pinned",
                "collapse protection=exec system=group-limit", "collapse protection=exec file=past-end",
                "collapse protection=private-write state=copied")
                + on("xfs ext4 btrfs", "collapse protection=exec state=dirty")
                + on("tmpfs-never", "collapse cache=half state=partly system=group-limit")),
        ScenarioPoint(
            "khugepaged-and-collapse", "khugepaged does what MADV_COLLAPSE does, where its controls let it",
            on(
                "tmpfs-always xfs ext4 btrfs", "khugepaged protection=exec system=always",
                "khugepaged protection=exec advice=hugepage", "khugepaged protection=exec system=never",
                "khugepaged protection=exec system=always opener=writer",
                "khugepaged protection=exec system=always placement=off-by-page",
                "khugepaged protection=exec system=always state=pinned", "collapse protection=exec system=always",
                "collapse protection=exec system=never")),
    ]
}
