/// What has happened to a scenario's mapping before the operation.
package enum MappingState: String, ScenarioValue {
    /// Nothing has been touched.
    case untouched
    /// Every page has been read.
    case touched
    /// The first page of every chunk has been read.
    case partly
    /// Touched; then a page of every chunk was written anew with what it held.
    case dirty
    /// Touched; a page of every chunk is held by a pipe (vmsplice(2)).
    case pinned
    /// Mapped by PMDs where that can be, which were split: PTEs map each page.
    case divided
    /// Touched while it was in parts that no PMD fits in, which have become one mapping: PTEs map each page.
    case joined
    /// mlock(2).
    case locked
    /// Touched; a page of every chunk was stored to and so copied.
    case copied

    /// Whether every page of the file has been read by it.
    package var touchesAll: Bool { self != .untouched && self != .partly }
}
