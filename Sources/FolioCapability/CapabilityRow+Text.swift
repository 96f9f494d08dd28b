import FolioPolicy

/// A row for a person.
extension CapabilityRow {
    /// `from 6.16, before 6.19`, `any`.
    package var kernelText: String {
        let parts = [
            kernels.lower.map { "from \(KernelRangeText.text($0))" },
            kernels.upper.map { "before \(KernelRangeText.text($0))" },
        ].compactMap { $0 }
        return parts.isEmpty ? "any" : parts.joined(separator: ", ")
    }

    /// `orders 0 to pmd; large_folio_writes yes`.
    package var valueText: String {
        func word(_ flag: Bool) -> String { flag ? "yes" : "no" }
        return [
            orders.map { "orders \($0.text)" }, largeFolioWrites.map { "large_folio_writes \(word($0))" },
            passthroughBacking.map { "passthrough_backing \(word($0))" },
            alignsMappings.map { "aligns_mappings \(word($0))" }, writes.map { "writes \($0.rawValue)" },
            intermediateOrders.map { "intermediate_orders \(word($0))" },
        ].compactMap { $0 }.joined(separator: "; ")
    }

    /// `when block_size >= 4096; unless verity`; nil: there is none.
    package var conditionText: String? {
        let parts = [("when", when, " and "), ("unless", unless, " or ")].filter { !$0.1.isEmpty }
            .map { word, conditions, joint in "\(word) \(conditions.map(\.text).joined(separator: joint))" }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}

extension OrderClaim {
    /// `none`, `0 to pmd, at most 2048 blocks`.
    fileprivate var text: String {
        switch self {
        case .none: return "none"
        case .shmem: return "shmem"
        case .unknown: return "unknown"
        case .layer: return "the layer's"
        case .range(let minimum, let maximum, let blocks, let bytes):
            let low = if case .order(let order) = minimum { String(order.rawValue) } else { "block" }
            let high = if case .order(let order) = maximum { String(order.rawValue) } else { "pmd" }
            let limits = [blocks.map { "at most \($0) blocks" }, bytes.map { "at most \($0) bytes" }]
            return (["\(low) to \(high)"] + limits.compactMap { $0 }).joined(separator: ", ")
        }
    }
}

extension CapabilityCondition {
    /// The condition in words.
    fileprivate var text: String {
        switch self {
        case .mountOption(let name, let value): "mounted with \(name)" + (value.map { "=" + $0 } ?? "")
        case .superblockFeature(let name): "the superblock has \(name)"
        case .inodeFlag(let name): "the file is \(name)"
        case .immutableAtLoad(let wanted): "the file was \(wanted ? "" : "not ")immutable when it was read in"
        case .blockSize(let comparison, let bytes): "blocks \(comparison.rawValue) \(bytes) bytes"
        case .compressed(let wanted): "the file is \(wanted ? "" : "not ")compressed"
        case .config(let name, let wanted): "CONFIG_\(name) is \(wanted ? "" : "not ")set"
        case .layers(let wanted): "the layer that holds it is \(wanted ? "" : "not ")known"
        }
    }
}
