/// What of a scenario's file is mapped, and where.
package enum Placement: String, ScenarioValue {
    /// All of it, address and offset agreeing modulo the PMD size.
    case congruent
    /// All of it, an address one page further than congruent.
    case offByPage = "off-by-page"
    /// All of it, from an address that is the last page of a PMD's region.
    case lastPage = "last-page"
    /// From the middle of the first chunk on, congruent.
    case ragged
    /// From the last page of the first chunk on, congruent.
    case tail
    /// All of it, congruent, with nothing else touched in the 1 GiB around.
    case alone
}
