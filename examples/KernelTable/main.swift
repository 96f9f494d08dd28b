import FolioPolicy

/// A table of kernels and operations: where an executable file of a filesystem with and without large folios comes to be mapped by PMDs.
///
/// It shows how FolioPolicy is asked many questions: the facts are values, so a loop over them is all it takes.
let kernels = ["5.15", "6.1", "6.8", "6.12", "6.18", "7.3"].compactMap { KernelVersion($0) }
let operations: [Operation] = [.fault, .khugepaged, .collapse]

func verdict(_ version: KernelVersion, _ operation: Operation, large: Bool, fallback: Bool) -> String {
    let kernel = KernelFacts(
        version: version, config: ["TRANSPARENT_HUGEPAGE": true, "READ_ONLY_THP_FOR_FS": fallback])
    let size = 2 * kernel.geometry.pmdSize
    let query = PolicyQuery(
        kernel: kernel, system: SystemFacts(enabled: .always, shmemEnabled: .never),
        filesystem: FilesystemFacts(type: "examplefs", mountOptions: [:], superblockFeatures: []),
        capability: FilesystemCapability(
            filesystem: "examplefs", orders: large ? .range(minimum: .zero, maximum: kernel.geometry.pmdOrder) : .none,
            source: "assumed"),
        file: FileFacts(
            size: size, openForWrite: false, dirty: false, inodeFlags: [], compressed: false, dax: false,
            executable: true,
            cachedOrders: FolioOrderSet([.zero])),
        mapping: MappingFacts(
            address: 0x7f00_0000_0000, offset: 0, length: size, exec: true, touched: true, advice: .hugePage),
        operation: operation)
    let decision = decide(query)
    return decision.verdict.rawValue + (decision.errno.map { " " + $0 } ?? "")
}

func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

print(row(["filesystem", "READ_ONLY_THP_FOR_FS", "kernel"] + operations.map(\.rawValue)))
print(row(Array(repeating: "---", count: 3 + operations.count)))
for (large, fallback) in [(true, true), (true, false), (false, true), (false, false)] {
    for kernel in kernels {
        let verdicts = operations.map { verdict(kernel, $0, large: large, fallback: fallback) }
        print(row([large ? "large folios" : "small folios", fallback ? "y" : "n", "\(kernel)"] + verdicts))
    }
}
