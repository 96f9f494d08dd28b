package import FolioPolicy

/// What a row says of the orders a page cache can hold, before a kernel's geometry and a block size are known.
package enum OrderClaim: Hashable, Sendable {
    /// The smallest order.
    package enum Minimum: Hashable, Sendable {
        /// This one.
        case order(FolioOrder)
        /// The order of a block where that is larger than a page, else 0.
        case block
    }

    /// The largest order.
    package enum Maximum: Hashable, Sendable {
        /// This one.
        case order(FolioOrder)
        /// As large as the page cache goes: the PMD order where that can be.
        case pmd
    }

    /// Order 0 only.
    case none
    /// shmem's: order 0 or the PMD's, by its own controls.
    case shmem
    /// Not known.
    case unknown
    /// Those of the layer that holds the file.
    case layer
    /// From `minimum` to `maximum`, and never more than `maximumBlocks` blocks or `maximumBytes` bytes in a folio.
    case range(minimum: Minimum, maximum: Maximum, maximumBlocks: Int?, maximumBytes: Int?)

    /// Whether the answer depends on the block size.
    var needsBlockSize: Bool {
        switch self {
        case .none, .shmem, .unknown, .layer: false
        case .range(.block, _, _, _): true
        case .range(_, _, let blocks, _): blocks != nil
        }
    }

    /// The orders on a machine; nil: `layer`, which is another filesystem's to say, or a block size is missing.
    func resolve(geometry: PageGeometry, blockSize: Int?) -> OrderCapability? {
        switch self {
        case .none: return OrderCapability.none
        case .shmem: return .shmem
        case .unknown: return .unknown
        case .layer: return nil
        case .range(let minimum, let maximum, let blocks, let bytes):
            if needsBlockSize && blockSize == nil { return nil }
            let lower: FolioOrder
            switch minimum {
            case .order(let order): lower = order
            case .block: lower = Self.order(ofBytes: blockSize ?? 0, geometry)
            }
            var upper: FolioOrder
            switch maximum {
            case .order(let order): upper = min(order, geometry.maximumPageCacheOrder)
            case .pmd: upper = min(geometry.pmdOrder, geometry.maximumPageCacheOrder)
            }
            if let blocks {
                let (limit, overflow) = blocks.multipliedReportingOverflow(by: blockSize ?? 0)
                if !overflow { upper = min(upper, Self.order(ofBytes: limit, geometry)) }
            }
            if let bytes { upper = min(upper, Self.order(ofBytes: bytes, geometry)) }
            let top = max(lower, upper)
            return top == .zero ? OrderCapability.none : .range(minimum: lower, maximum: top)
        }
    }

    /// The largest order of which a folio has at most `bytes` bytes; 0 where even a page has more.
    private static func order(ofBytes bytes: Int, _ geometry: PageGeometry) -> FolioOrder {
        guard geometry.pageSize > 0, bytes >= geometry.pageSize else { return .zero }
        let pages = bytes / geometry.pageSize
        return FolioOrder(UInt8(Int.bitWidth - 1 - pages.leadingZeroBitCount))
    }

    // MARK: Reading

    static func parse(_ node: ManifestNode, _ section: ManifestSection) throws(ManifestError) -> OrderClaim {
        switch node.value {
        case .string("none"): return OrderClaim.none
        case .string("shmem"): return .shmem
        case .string("unknown"): return .unknown
        case .string("layer"): return .layer
        case .table: return try parseRange(node, section)
        case .string(let text):
            throw section.error("orders is \"\(text)\", and must be \(allowed)", at: node)
        case .integer, .boolean, .array, .other:
            throw section.wrongType("orders", node, wants: allowed)
        }
    }

    private static let allowed = "\"none\", \"shmem\", \"layer\", \"unknown\" or { min = 0, max = \"pmd\" }"

    private static func parseRange(_ node: ManifestNode, _ outer: ManifestSection) throws(ManifestError) -> OrderClaim {
        let section = try ManifestSection(
            node, title: "orders", keys: ["min", "max", "max_blocks", "max_bytes"], file: outer.file)
        let minimum: Minimum
        let minimumNode = try section.require("min")
        if case .string("block") = minimumNode.value {
            minimum = .block
        } else if case .string(let text) = minimumNode.value {
            throw section.error("min is \"\(text)\", and must be an order or \"block\"", at: minimumNode)
        } else {
            minimum = .order(FolioOrder(UInt8(try section.integer("min", minimumNode, in: 0...30))))
        }
        let maximum: Maximum
        let maximumNode = try section.require("max")
        if case .string("pmd") = maximumNode.value {
            maximum = .pmd
        } else if case .string(let text) = maximumNode.value {
            throw section.error("max is \"\(text)\", and must be an order or \"pmd\"", at: maximumNode)
        } else {
            maximum = .order(FolioOrder(UInt8(try section.integer("max", maximumNode, in: 0...30))))
        }
        if case (.order(let low), .order(let high)) = (minimum, maximum), low > high {
            throw section.error("max is \(high.rawValue), less than min, \(low.rawValue)", at: maximumNode)
        }
        return .range(
            minimum: minimum, maximum: maximum, maximumBlocks: try section.integer("max_blocks", in: 1...1 << 40),
            maximumBytes: try section.integer("max_bytes", in: 1...1 << 40))
    }
}
