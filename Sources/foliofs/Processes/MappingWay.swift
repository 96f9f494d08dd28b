import FolioPolicy
import LinuxFacts

/// By what a file mapping of a running process comes to be mapped by PMDs, or why never.
struct MappingWay: Equatable {
    /// What brings it about.
    enum Way: String {
        /// PMDs map every whole chunk.
        case mapped
        /// MADV_COLLAPSE from outside, now: `foliofs collapse --pid`.
        case collapse
        /// Its file's page cache is promoted: chunks that the process has not touched yet, and every later mapping.
        case promote
        /// It is mapped through a mount of FolioFS, by a process that is started anew: `foliofs run`, `foliofs mount`.
        case mount
        /// Nothing does.
        case never
        /// Facts are missing.
        case unknown
    }

    let way: Way
    /// How a mount would serve the file; nil: no file is asked about.
    let route: Route?
    /// Why, in a sentence.
    let reason: String

    /// The way of a mapping.
    ///
    /// - Parameters:
    ///   - query: process_madvise(MADV_COLLAPSE) of it.
    ///   - collapses: the policy's answers for that, chunk by chunk.
    ///   - chunks: whole chunks of the file in it.
    ///   - isCongruent: whether its addresses and offsets agree modulo the PMD size.
    init(_ entry: SmapsEntry, query: PolicyQuery, collapses: [Decision], chunks: Int, isCongruent: Bool) {
        let chunk = ByteSize(bytes: query.kernel.geometry.pmdSize)
        guard chunks > 0 else {
            self.init(.never, nil, "no whole chunk of \(chunk) of the file is in it")
            return
        }
        if entry.pmdMapped >= chunks * query.kernel.geometry.pmdSize {
            self.init(.mapped, nil, "PMDs map every whole chunk")
            return
        }
        if let obstacle = Self.obstacle(entry, query) {
            self.init(.never, nil, obstacle)
            return
        }
        let collapsible = collapses.count { $0.verdict == .allowed }
        if query.filesystem.type == "fuse.foliofs", collapsible == 0 {
            self.init(
                isCongruent ? .promote : .mount, nil,
                isCongruent
                    ? "it is on a mount of FolioFS: once promoted, what is not touched yet"
                    : "address and file offset differ modulo \(chunk), though it is on a mount of FolioFS")
            return
        }
        let route = FolioPolicy.route(
            RouteQuery(
                kernel: query.kernel, system: query.system, capability: query.capability, file: query.file,
                passthroughGranted: Explanation.passthroughGranted(query.kernel)))
        if collapsible > 0 {
            let part = collapsible == collapses.count ? "it" : "\(collapsible) of its \(collapses.count) chunks"
            self.init(.collapse, route.route, "MADV_COLLAPSE works on \(part) as it is")
        } else if isCongruent, route.route == .native, route.promotion != .none {
            self.init(.promote, route.route, route.reason)
        } else if route.route == .plain {
            let missing = query.capability.missing + (query.file.size == nil ? ["file.path"] : [])
            self.init(missing.isEmpty ? .never : .unknown, route.route, Self.why(route, missing))
        } else {
            let place = isCongruent ? "" : "address and file offset differ modulo \(chunk); through a mount: "
            self.init(.mount, route.route, place + route.reason)
        }
    }

    private init(_ way: Way, _ route: Route?, _ reason: String) {
        (self.way, self.route, self.reason) = (way, route, reason)
    }

    /// What keeps PMDs away from the mapping itself, whatever its file; nil: nothing does.
    private static func obstacle(_ entry: SmapsEntry, _ query: PolicyQuery) -> String? {
        if query.system.processDisabled == true {
            return "the process has huge pages switched off (PR_SET_THP_DISABLE)"
        }
        if query.mapping.special == true { return "a driver's mapping" }
        if query.mapping.advice == .noHugePage { return "madvise(MADV_NOHUGEPAGE)" }
        guard !entry.shared else { return nil }
        if query.mapping.copied == true { return "pages that were written to are the process's own" }
        return entry.writable ? "private and writable: a page that is written to becomes the process's own" : nil
    }

    private static func why(_ route: RouteDecision, _ missing: [String]) -> String {
        missing.isEmpty ? route.reason : "\(missing.joined(separator: ", ")) is missing"
    }
}
