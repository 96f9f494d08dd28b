/// What else is mapped beside a scenario's mapping, or cuts it.
package enum Surroundings: String, ScenarioValue {
    /// Nothing.
    case none
    /// The mapping is cut into two VMAs in the middle of its first whole chunk.
    case cut
    /// The file is mapped a second time, congruent, and touched.
    case twice
    /// The file is mapped a second time, one page off, and touched.
    case beside
}
