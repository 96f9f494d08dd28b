/// How a scenario's file is mapped: MAP_PRIVATE or MAP_SHARED, and what may be done.
package enum Protection: String, ScenarioValue {
    /// MAP_PRIVATE, PROT_READ.
    case read
    /// MAP_PRIVATE, PROT_READ and PROT_EXEC.
    case exec
    /// MAP_SHARED, PROT_READ.
    case sharedRead = "shared-read"
    /// MAP_SHARED, PROT_READ and PROT_WRITE.
    case sharedWrite = "shared-write"
    /// MAP_PRIVATE, PROT_READ and PROT_WRITE.
    case privateWrite = "private-write"
}
