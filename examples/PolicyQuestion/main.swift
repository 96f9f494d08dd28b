import FolioPolicy
import Glibc

/// Asks the decision engine one question, and prints every rule that was asked: `PolicyQuestion KERNEL OPERATION [large|small] [writer]`.
///
/// It uses FolioPolicy alone, so it needs no file, no root and no Linux that is asked about: every fact is a value.
func answer() -> Int32 {
    let words = CommandLine.arguments.dropFirst()
    guard let version = words.first.flatMap({ KernelVersion($0) }),
        let operation = words.dropFirst().first.flatMap({ Operation(rawValue: $0) })
    else {
        print("usage: PolicyQuestion KERNEL OPERATION [large|small] [writer]")
        print("       PolicyQuestion 6.18 collapse large")
        print("operations: " + Operation.allCases.map(\.rawValue).joined(separator: " "))
        return 2
    }
    let kernel = KernelFacts(version: version, config: ["TRANSPARENT_HUGEPAGE": true, "READ_ONLY_THP_FOR_FS": true])
    // What a filesystem can do is a value as well; for real ones foliofs has plugins that say it.
    let capability = FilesystemCapability(
        filesystem: "examplefs",
        orders: words.contains("small") ? .none : .range(minimum: .zero, maximum: kernel.geometry.pmdOrder),
        source: "the command line")
    let size = 2 * kernel.geometry.pmdSize
    let decision = decide(
        PolicyQuery(
            kernel: kernel, system: SystemFacts(enabled: .always, shmemEnabled: .never),
            filesystem: FilesystemFacts(type: "examplefs", mountOptions: [:], superblockFeatures: []),
            capability: capability,
            file: FileFacts(
                size: size, openForWrite: words.contains("writer"), dirty: false, inodeFlags: [], compressed: false,
                dax: false, executable: true, cachedOrders: FolioOrderSet([.zero])),
            mapping: MappingFacts(
                address: 0x7f00_0000_0000, offset: 0, length: size, exec: true, touched: true,
                advice: MappingAdvice.none),
            operation: operation))
    for rule in decision.rules { print("\(rule.outcome.rawValue)  \(rule.id): \(rule.evidence)") }
    let errno = decision.errno.map { " with \($0)" } ?? ""
    let missing = decision.missing.isEmpty ? "" : ", as nobody said " + decision.missing.joined(separator: " and ")
    print("Linux \(version), \(operation.rawValue): \(decision.verdict.rawValue)\(errno)\(missing)")
    return 0
}

exit(answer())
