/// What the page cache of a scenario's file is made to hold before.
package enum CacheContent: String, ScenarioValue {
    /// Folios of order 0.
    case small
    /// Nothing; on tmpfs the file is a hole.
    case nothing
    /// What ordinary sequential reads leave.
    case read
    /// What one write(2) of the whole file leaves, clean.
    case written
    /// PMD folios, wherever a chunk of the file is whole.
    case pmd
    /// A PMD folio in the first chunk, folios of order 0 after it.
    case mixed
    /// Every other page.
    case half
    /// What is there already.
    case asServed = "as-served"
}
