/// The first thing in which the two worlds were not equal.
struct Difference {
    /// The index of the operation; nil: the trees at the end, or something that is no operation's.
    let index: Int?
    let operation: Operation?
    /// What was found in both, in a few lines.
    let text: String

    var kind: Operation.Kind? { operation?.kind }
}
