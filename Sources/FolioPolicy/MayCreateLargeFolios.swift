/// May large folios, up to one that a PMD maps, be created for this file?
///
/// The filesystem's half, or the executable/read-only half (CONFIG_READ_ONLY_THP_FOR_FS). Which operation of which
/// kernel honours which half is `decide(_:)`'s to say.
public func mayCreateLargeFolios(
    kernel: KernelFacts, capability: FilesystemCapability, file: FileFacts
) -> LargeFolioAnswer {
    var missing: [String] = []
    let filesystem = filesystemHalf(kernel: kernel, capability: capability, file: file, missing: &missing)
    let fallback = fallbackHalf(kernel: kernel, file: file, missing: &missing)
    let answer = LargeFolioAnswer(filesystemSupports: filesystem, fallback: fallback, missing: missing)
    guard answer.verdict == .unknown else {
        return LargeFolioAnswer(filesystemSupports: filesystem, fallback: fallback, missing: [])
    }
    return answer
}

/// Whether the file's own page cache can hold PMD folios without a collapse.
private func filesystemHalf(
    kernel: KernelFacts, capability: FilesystemCapability, file: FileFacts, missing: inout [String]
) -> Verdict {
    if file.regular == false || kernel.config["TRANSPARENT_HUGEPAGE"] == false { return .denied }
    if !kernel.geometry.reachesPMD { return .denied }
    guard let reaches = capability.orders.reaches(kernel.geometry.pmdOrder) else {
        missing += capability.missing.isEmpty ? ["filesystem.capability"] : capability.missing
        return .unknown
    }
    return reaches ? .allowed : .denied
}

/// Whether the executable/read-only fallback takes the file.
private func fallbackHalf(kernel: KernelFacts, file: FileFacts, missing: inout [String]) -> Verdict {
    if file.regular == false || file.openForWrite == true || !kernel.geometry.reachesPMD { return .denied }
    if kernel.config[EligibilityRules.option] == false { return .denied }
    var lacking: [String] = []
    if let version = kernel.version {
        guard KernelEra.fallback.contains(version) else { return .denied }
        if KernelEra.fallbackAsksForExec.contains(version) {
            if file.executable == false { return .denied }
            if file.executable == nil { lacking.append("file.executable") }
        }
    } else {
        lacking.append("kernel.version")
    }
    if kernel.config[EligibilityRules.option] == nil { lacking.append("config." + EligibilityRules.option) }
    if file.openForWrite == nil { lacking.append("file.openForWrite") }
    if file.regular == nil { lacking.append("file.regular") }
    for fact in lacking where !missing.contains(fact) { missing.append(fact) }
    return lacking.isEmpty ? .allowed : .unknown
}
