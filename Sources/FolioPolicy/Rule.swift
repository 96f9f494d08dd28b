/// A rule of the policy: its permanent name, the kernels it holds for, and where they say so.
struct Rule: Sendable {
    /// The dotted name.
    let id: FixedText
    /// The kernels that have the rule; on others it is skipped.
    let kernels: KernelRange
    /// Kernel versions, file and function.
    let source: FixedText

    init(_ id: FixedText, kernels: KernelRange = .all, source: FixedText) {
        self.id = id
        self.kernels = kernels
        self.source = source
    }
}
