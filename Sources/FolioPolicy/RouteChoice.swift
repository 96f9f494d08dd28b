/// Which way FolioFS serves a file, so that it comes to be mapped by PMDs.
///
/// A route asked for by name is taken where it can be; where it cannot, the file is served plain and the reason says why.
/// The aligned exec view is given to an executable of at least one PMD chunk that is served by passthrough.
public func route(_ query: RouteQuery) -> RouteDecision {
    RouteChoice(query: query).decision
}

/// One query being answered.
struct RouteChoice {
    let query: RouteQuery

    private var pmdSize: Int { query.kernel.geometry.pmdSize }

    var decision: RouteDecision {
        if let forced = query.forced { return self.forced(forced) }
        guard let size = query.file.size else {
            return plain("route.plain", "the file's size is not known")
        }
        if query.file.regular == false { return plain("route.plain", "not a regular file") }
        if size < pmdSize {
            return plain("route.small", "\(size) bytes, less than the \(pmdSize) that one PMD maps")
        }
        guard let nativeObstacle else { return native(asked: false) }
        guard let stagedObstacle else { return staged("native is not possible: \(nativeObstacle)") }
        guard let fallbackObstacle = fallbackObstacle(asked: false) else {
            return fallback("staged is not possible: \(stagedObstacle)")
        }
        return plain(
            "route.plain", "native: \(nativeObstacle); staged: \(stagedObstacle); fallback: \(fallbackObstacle)")
    }

    private func forced(_ route: Route) -> RouteDecision {
        let obstacle: String?
        switch route {
        case .native: obstacle = forcedNativeObstacle
        case .staged: obstacle = stagedObstacle
        case .fallback: obstacle = fallbackObstacle(asked: true)
        case .plain: return plain("route.forced", "asked for by name")
        }
        if let obstacle { return plain("route.forced", "\(route.rawValue) was asked for, but \(obstacle)") }
        switch route {
        case .native: return native(asked: true)
        case .staged: return staged("asked for by name", rule: "route.forced")
        case .fallback: return fallback("asked for by name", rule: "route.forced")
        case .plain: return plain("route.forced", "asked for by name")
        }
    }

    // MARK: What stands in the way of each route; nil: nothing

    /// What makes passthrough to the source impossible.
    private var forcedNativeObstacle: String? {
        if query.file.regular == false { return "it is not a regular file" }
        if !query.passthroughGranted { return "the kernel did not grant FUSE passthrough" }
        if query.capability.passthroughBacking == false {
            return "\(query.capability.filesystem) cannot back FUSE passthrough"
        }
        return nil
    }

    private var nativeObstacle: String? {
        if let obstacle = forcedNativeObstacle { return obstacle }
        if !query.kernel.geometry.reachesPMD { return "this machine's page cache holds no PMD folio" }
        if case .shmem = query.capability.orders { return shmemObstacle }
        switch query.capability.orders.reaches(query.kernel.geometry.pmdOrder) {
        case true?: return nil
        case false?: return "\(query.capability.filesystem) holds no PMD folio here"
        case nil:
            let missing = query.capability.missing.joined(separator: ", ")
            return "not known whether \(query.capability.filesystem) holds PMD folios"
                + (missing.isEmpty ? "" : " (missing: \(missing))")
        }
    }

    private var stagedObstacle: String? {
        if query.file.regular == false { return "it is not a regular file" }
        if !query.passthroughGranted { return "the kernel did not grant FUSE passthrough" }
        if !query.kernel.geometry.reachesPMD { return "this machine's page cache holds no PMD folio" }
        return shmemObstacle
    }

    private var shmemObstacle: String? {
        query.system.shmemEnabled == .deny ? "shmem_enabled is deny" : nil
    }

    private func fallbackObstacle(asked: Bool) -> String? {
        guard let version = query.kernel.version else { return "the kernel's version is not known" }
        if !KernelEra.fallback.contains(version) || !KernelEra.collapse.contains(version) {
            return "Linux \(version) has no MADV_COLLAPSE of read-only files"
        }
        switch mayCreateLargeFolios(kernel: query.kernel, capability: query.capability, file: collapsed).fallback {
        case .allowed: return nil
        case .unknown: return asked ? nil : "not known whether READ_ONLY_THP_FOR_FS holds for it"
        case .denied where query.file.openForWrite == true: return "it is open for writing"
        case .denied: return "the kernel has no READ_ONLY_THP_FOR_FS"
        }
    }

    /// The file as the promoter maps it: PROT_EXEC is the promoter's to ask for, and a regular file that nobody is known
    /// to write is tried.
    private var collapsed: FileFacts {
        var file = query.file
        file.executable = true
        file.regular = file.regular ?? true
        file.openForWrite = file.openForWrite ?? false
        return file
    }

    // MARK: The answers

    private func native(asked: Bool) -> RouteDecision {
        let can = nativePromotions
        let filesystem = query.capability.filesystem
        guard let promotion = query.forcedPromotion ?? can.first else {
            let obstacle = nativeObstacle ?? "it is under one PMD chunk"
            return RouteDecision(
                route: .native, promotion: .none, alignedExec: alignedExec, rule: "route.forced",
                reason: "passthrough to \(filesystem), nothing promoted: \(obstacle)")
        }
        guard promotion == .none || can.contains(promotion) else {
            return RouteDecision(
                route: .native, promotion: .none, alignedExec: alignedExec, rule: "route.forced",
                reason: "passthrough to \(filesystem); promotion by \(promotion.rawValue) is not possible there")
        }
        let why: String
        switch promotion {
        case .collapse: why = "MADV_COLLAPSE works on \(filesystem) here"
        case .refault: why = "\(filesystem) holds PMD folios, brought by a fault under MADV_HUGEPAGE"
        case .none: why = "nothing is to be promoted"
        }
        let rule = asked ? "route.forced" : "route.native.\(promotion.rawValue)"
        return RouteDecision(
            route: .native, promotion: promotion, alignedExec: alignedExec, rule: rule,
            reason: "passthrough to \(filesystem); \(why)")
    }

    /// What can bring huge folios about in the source's own page cache, the best first.
    private var nativePromotions: [Promotion] {
        guard let version = query.kernel.version, query.kernel.geometry.reachesPMD else { return [] }
        if case .shmem = query.capability.orders {
            return KernelEra.collapse.contains(version) && shmemObstacle == nil ? [.collapse] : []
        }
        let reaches = query.capability.orders.reaches(query.kernel.geometry.pmdOrder) == true
        let collapses =
            KernelEra.mappingDecides.contains(version) ? reaches : fallbackObstacle(asked: false) == nil
        let refuses = FolioStateRules.compound.kernels.contains(version)
        var promotions: [Promotion] = []
        if collapses && !(reaches && refuses) { promotions.append(.collapse) }
        if reaches && FaultRules.hugePageAdvice.kernels.contains(version) { promotions.append(.refault) }
        if collapses && reaches && refuses { promotions.append(.collapse) }
        return promotions
    }

    private func staged(_ reason: String, rule: String = "route.staged") -> RouteDecision {
        RouteDecision(
            route: .staged, promotion: .none, alignedExec: alignedExec, rule: rule,
            reason: "a copy on tmpfs is born in PMD folios; \(reason)")
    }

    private func fallback(_ reason: String, rule: String = "route.fallback") -> RouteDecision {
        RouteDecision(
            route: .fallback, promotion: query.forcedPromotion == Promotion.none ? .none : .collapse,
            alignedExec: false, rule: rule,
            reason: "FUSE's own page cache, collapsed under READ_ONLY_THP_FOR_FS; \(reason)")
    }

    private func plain(_ rule: String, _ reason: String) -> RouteDecision {
        RouteDecision(route: .plain, promotion: .none, alignedExec: alignedExec, rule: rule, reason: reason)
    }

    private var alignedExec: Bool {
        query.alignedExec && query.file.executable == true && query.passthroughGranted
            && (query.file.size.map { $0 >= pmdSize } ?? false)
    }
}
