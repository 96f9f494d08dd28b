/// The kernels between which a rule changed.
enum KernelEra {
    /// CONFIG_READ_ONLY_THP_FOR_FS: from 99cb0dbd47a1 until its removal in 7.2.
    static let fallback = KernelRange(from: KernelVersion(5, 4), before: KernelVersion(7, 2))
    /// The kernels that collapse files at all.
    static let fallbackAndLater = KernelRange(from: KernelVersion(5, 4))
    /// Its first form takes the program image of execve(2) alone (VM_DENYWRITE).
    static let fallbackAsksForImage = KernelRange(from: KernelVersion(5, 4), before: KernelVersion(5, 15))
    /// It asks for VM_EXEC, until 7fbb5e188248 in 6.8.
    static let fallbackAsksForExec = KernelRange(from: KernelVersion(5, 4), before: KernelVersion(6, 8))
    /// The mapping's own largest order decides, and writers do not matter.
    static let mappingDecides = KernelRange(from: KernelVersion(7, 2))
    /// MADV_COLLAPSE is there.
    static let collapse = KernelRange(from: KernelVersion(6, 1))
    /// MADV_POPULATE_READ is there.
    static let populate = KernelRange(from: KernelVersion(5, 14))

    /// One version of every era that some rule distinguishes, oldest first: what holds for all of these holds for every
    /// kernel.
    static let representatives: [KernelVersion] = {
        let bounds = RuleBook.ranges.flatMap { [$0.lower, $0.upper].compactMap(\.self) }
        return Set(bounds + [KernelVersion(5, 3)]).sorted()
    }()
}
