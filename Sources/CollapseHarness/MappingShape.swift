package import FolioPolicy

/// How a file is mapped.
package struct MappingShape: Hashable, Sendable {
    /// Where the mapping is placed.
    package enum Placement: String, Hashable, Sendable {
        /// Address and file offset agree modulo the PMD size.
        case congruent
        /// They differ by one page.
        case offByPage
        /// The first address is the last page of a PMD's region; with an offset of 0 they differ by a page less than it.
        case lastPage
    }

    /// The file offset in bytes, a multiple of the page size.
    package var offset: Int
    /// Bytes mapped.
    package var length: Int
    /// PROT_READ and PROT_EXEC, not PROT_READ alone.
    package var exec: Bool
    /// MAP_SHARED, not MAP_PRIVATE.
    package var shared: Bool
    /// PROT_WRITE too.
    package var write: Bool
    /// Where it is placed.
    package var placement: Placement
    /// What madvise(2) says of it, before anything is touched.
    package var advice: MappingAdvice
    /// Whether the 1 GiB around is free of any other mapping that was touched.
    package var alone: Bool

    /// A shape; by default MAP_PRIVATE, PROT_READ, congruent.
    package init(
        offset: Int = 0, length: Int, exec: Bool = false, shared: Bool = false, write: Bool = false,
        placement: Placement = .congruent, advice: MappingAdvice = .none, alone: Bool = false
    ) {
        self.offset = offset
        self.length = length
        self.exec = exec
        self.shared = shared
        self.write = write
        self.placement = placement
        self.advice = advice
        self.alone = alone
    }

    /// The file offsets of the whole PMD chunks in it.
    package func wholeChunks(pmdSize: Int) -> [Int] {
        guard pmdSize > 0 else { return [] }
        let first = offset.addingClamped(pmdSize - 1) / pmdSize * pmdSize
        return Array(stride(from: first, to: max(first, offset.addingClamped(length) / pmdSize * pmdSize), by: pmdSize))
    }
}
