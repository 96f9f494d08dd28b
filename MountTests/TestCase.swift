import Glibc

/// One thing that must hold of a mounted FolioFS, run in a process of its own.
struct TestCase: Sendable {
    /// "Family/what holds", unique; FILTER matches any part of it.
    let name: String
    /// Seconds until the runner takes its mounts and processes away.
    let limit: Double
    let body: @Sendable (Workbench) throws -> Void

    init(_ name: String, limit: Double = 60, _ body: @escaping @Sendable (Workbench) throws -> Void) {
        self.name = name
        self.limit = limit
        self.body = body
    }
}

/// Why a case failed, in one sentence or a few lines.
struct Failure: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// Why a case cannot be run here, and what would enable it.
struct Skip: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// Throws a `Failure` where `condition` does not hold.
func expect(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
    if !condition { throw Failure(reason()) }
}

/// Throws a `Failure` that shows both where they differ.
func expectEqual<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws {
    if found != wanted { throw Failure("\(what): found \(found), wanted \(wanted)") }
}

/// What the case in this process has noted, for its line in the runner's output.
nonisolated(unsafe) private(set) var notes: [String] = []

/// Adds something measured to the case's line in the runner's output.
func note(_ text: String) { notes.append(text) }

/// Waits until something holds, so many seconds at most.
func until(_ what: String, seconds: Double = 10, _ holds: () throws -> Bool) throws {
    let end = Clock.now() + seconds
    while !(try holds()) {
        if Clock.now() > end { throw Failure("not so after \(Int(seconds)) s: \(what)") }
        poll(nil, 0, 10)
    }
}

/// The value that must be there.
func unwrap<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Failure("nothing where something must be") }
    return value
}
