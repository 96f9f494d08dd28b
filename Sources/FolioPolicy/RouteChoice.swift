/// Which way FolioFS serves a file, so that it comes to be mapped by PMDs.
///
/// The routes that the rules name are tried in order, and the first that brings huge pages is taken; one of which that is
/// not certain only where no later one is. Where none can be taken the file is served plain.
/// The aligned exec view is given to an executable of at least one PMD chunk that is served by passthrough.
public func route(_ query: RouteQuery) -> RouteDecision {
    RouteChoice(query: query).decision
}

/// One query being answered.
struct RouteChoice {
    let query: RouteQuery

    private var pmdSize: Int { query.kernel.geometry.pmdSize }

    var decision: RouteDecision {
        guard let size = query.file.size else {
            return plain("route.plain", "the file's size is not known")
        }
        if query.file.regular == false { return plain("route.plain", "not a regular file") }
        guard let routes = query.choice.routes else {
            return size < pmdSize
                ? plain("route.small", "\(size) bytes, less than the \(pmdSize) that one PMD maps")
                : plain("route.plain", "no rule names a route for it")
        }
        var tried: [RouteAttempt] = []
        for route in routes {
            let attempt = attempt(route)
            tried.append(attempt)
            if attempt.obstacle == nil { return taken(route, tried) }
        }
        if let possible = tried.first(where: \.isPossible) {
            return taken(
                possible.route, tried.filter { $0 != possible } + [RouteAttempt(possible.route, obstacle: nil)])
        }
        return plain("route.plain", Self.text(tried), tried)
    }

    private func attempt(_ route: Route) -> RouteAttempt {
        switch route {
        case .native: nativeAttempt
        case .staged: RouteAttempt(.staged, obstacle: stagedObstacle)
        case .fallback: fallbackAttempt
        case .plain: RouteAttempt(.plain, obstacle: nil)
        }
    }

    /// The answer with a route that can be taken, after others that could not.
    private func taken(_ route: Route, _ tried: [RouteAttempt]) -> RouteDecision {
        let before = tried.dropLast()
        let because = before.isEmpty ? "" : "; " + Self.text(before)
        switch route {
        case .native: return native(tried)
        case .staged:
            return decision(
                .staged, rule: "route.staged", "a copy on tmpfs is born in PMD folios" + because, tried)
        case .fallback:
            return decision(
                .fallback, query.choice.promotion == Promotion.none ? .none : .collapse, rule: "route.fallback",
                "FUSE's own page cache, collapsed under READ_ONLY_THP_FOR_FS" + because, tried)
        case .plain:
            let reason = before.isEmpty ? "the rule wants nothing promoted" : Self.text(before)
            return plain("route.plain", reason, tried)
        }
    }

    private static func text(_ attempts: some Sequence<RouteAttempt>) -> String {
        attempts.map { "\($0.route.rawValue): \($0.obstacle ?? "taken")" }.joined(separator: "; ")
    }

    // MARK: What stands in the way of each route; nil: nothing

    /// What makes passthrough to the source impossible.
    private var passthroughObstacle: String? {
        if !query.passthroughGranted { return "the kernel did not grant FUSE passthrough" }
        if query.capability.passthroughBacking == false {
            return "\(query.capability.filesystem) cannot back FUSE passthrough"
        }
        return nil
    }

    var nativeAttempt: RouteAttempt {
        if let obstacle = passthroughObstacle { return RouteAttempt(.native, obstacle: obstacle) }
        if !query.kernel.geometry.reachesPMD { return RouteAttempt(.native, obstacle: Self.noPMDFolio) }
        if case .shmem = query.capability.orders { return RouteAttempt(.native, obstacle: shmemObstacle) }
        let filesystem = query.capability.filesystem
        switch query.capability.orders.reaches(query.kernel.geometry.pmdOrder) {
        case true?: return RouteAttempt(.native, obstacle: nil)
        case false?:
            return RouteAttempt(
                .native, obstacle: "\(filesystem) holds no PMD folio here", isPossible: !nativePromotions.isEmpty)
        case nil:
            let missing = query.capability.missing.joined(separator: ", ")
            let obstacle =
                "not known whether \(filesystem) holds PMD folios" + (missing.isEmpty ? "" : " (missing: \(missing))")
            return RouteAttempt(.native, obstacle: obstacle, isPossible: true)
        }
    }

    private static let noPMDFolio = "this machine's page cache holds no PMD folio"

    private var stagedObstacle: String? {
        if !query.passthroughGranted { return "the kernel did not grant FUSE passthrough" }
        if !query.kernel.geometry.reachesPMD { return Self.noPMDFolio }
        return shmemObstacle
    }

    private var shmemObstacle: String? {
        query.system.shmemEnabled == .deny ? "shmem_enabled is deny" : nil
    }

    private var fallbackAttempt: RouteAttempt {
        func refused(_ obstacle: String) -> RouteAttempt { RouteAttempt(.fallback, obstacle: obstacle) }
        guard let version = query.kernel.version else { return refused("the kernel's version is not known") }
        if !KernelEra.fallback.contains(version) || !KernelEra.collapse.contains(version) {
            return refused("Linux \(version) has no MADV_COLLAPSE of read-only files")
        }
        switch mayCreateLargeFolios(kernel: query.kernel, capability: query.capability, file: collapsed).fallback {
        case .allowed: return RouteAttempt(.fallback, obstacle: nil)
        case .unknown:
            return RouteAttempt(
                .fallback, obstacle: "not known whether READ_ONLY_THP_FOR_FS holds for it", isPossible: true)
        case .denied where query.file.openForWrite == true: return refused("it is open for writing")
        case .denied: return refused("the kernel has no READ_ONLY_THP_FOR_FS")
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

    private func native(_ tried: [RouteAttempt]) -> RouteDecision {
        let can = nativePromotions
        let filesystem = query.capability.filesystem
        let promotion = query.choice.promotion ?? can.first ?? .none
        guard promotion == .none || can.contains(promotion) else {
            return decision(
                .native, rule: "route.native.none",
                "passthrough to \(filesystem); promotion by \(promotion.rawValue) is not possible there", tried)
        }
        let why: String
        switch promotion {
        case .collapse: why = "MADV_COLLAPSE works on \(filesystem) here"
        case .refault: why = "\(filesystem) holds PMD folios, brought by a fault under MADV_HUGEPAGE"
        case .none where query.choice.promotion == nil: why = "nothing is known to promote there"
        case .none: why = "nothing is to be promoted"
        }
        return decision(
            .native, promotion, rule: "route.native.\(promotion.rawValue)", "passthrough to \(filesystem); \(why)",
            tried)
    }

    /// What can bring huge folios about in the source's own page cache, the best first.
    var nativePromotions: [Promotion] {
        guard let version = query.kernel.version, query.kernel.geometry.reachesPMD else { return [] }
        if case .shmem = query.capability.orders {
            return KernelEra.collapse.contains(version) && shmemObstacle == nil ? [.collapse] : []
        }
        let reaches = query.capability.orders.reaches(query.kernel.geometry.pmdOrder) == true
        let collapses =
            KernelEra.mappingDecides.contains(version) ? reaches : fallbackAttempt.obstacle == nil
        let refuses = FolioStateRules.compound.kernels.contains(version)
        var promotions: [Promotion] = []
        if collapses && !(reaches && refuses) { promotions.append(.collapse) }
        if reaches && FaultRules.hugePageAdvice.kernels.contains(version) { promotions.append(.refault) }
        if collapses && reaches && refuses { promotions.append(.collapse) }
        return promotions
    }

    private func plain(_ rule: String, _ reason: String, _ tried: [RouteAttempt] = []) -> RouteDecision {
        decision(.plain, rule: rule, reason, tried)
    }

    private func decision(
        _ route: Route, _ promotion: Promotion = .none, rule: String, _ reason: String, _ tried: [RouteAttempt]
    ) -> RouteDecision {
        let never = query.choice.promote == .never
        return RouteDecision(
            route: route, promotion: never ? .none : promotion, promote: query.choice.promote ?? .never,
            alignedExec: route != .fallback && alignedExec, rule: rule, reason: reason, choice: query.choice,
            tried: tried)
    }

    private var alignedExec: Bool {
        query.choice.alignedExec == true && query.file.executable == true && query.passthroughGranted
            && (query.file.size.map { $0 >= pmdSize } ?? false)
    }
}
