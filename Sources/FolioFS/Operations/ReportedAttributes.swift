import FolioPolicy
import Glibc
import SystemPackage

/// What `ReportedAttribute`s say of a file.
extension FolioFilesystem {
    /// The attribute's text.
    ///
    /// - Throws: ENODATA where there is nothing to say: of what is no regular file, or no rule has spoken.
    func reported(_ attribute: ReportedAttribute?, of inode: Inode) throws(Errno) -> String {
        guard let attribute, inode.type == S_IFREG else { throw .noData }
        if attribute == .pmdMapped {
            return String(promoted.pmdBytes(of: inode.identity))
        }
        let (route, decision, refusal) = try routeNow(of: inode)
        switch attribute {
        case .route, .pmdMapped: return route.rawValue
        case .reason:
            guard let decision else { return "it is too small for any rule" }
            if route != decision.route, let refusal { return "it is not staged: \(refusal.reason)" }
            guard route == decision.route else { return "it cannot be \(decision.route.rawValue) while it is open so" }
            return decision.reason
        case .rule:
            guard let rule = decision?.choice.rule else { throw .noData }
            return rule.name
        }
    }

    /// How a file is served while it is open, and else how it would be; the policy's word is nil where it has none.
    private func routeNow(of inode: Inode) throws(Errno) -> (Route, RouteDecision?, StagingRefusal?) {
        let served = inode.serving.withLockIfPresent { serving in
            (mode: serving.mode, decision: serving.decision?.route, refusal: serving.refusal)
        }
        let decision: RouteDecision?
        if let known = served?.decision { decision = known } else { decision = try wouldBe(inode) }
        let wanted = decision?.route ?? .plain
        switch served?.mode {
        case .passthrough(_, copy: .some): return (.staged, decision, nil)
        case .passthrough: return (wanted == .native ? .native : .plain, decision, served?.refusal)
        case .cached: return (wanted == .fallback ? .fallback : .plain, decision, served?.refusal)
        case .idle, nil: return (wanted, decision, nil)
        }
    }

    /// The policy's word on an open for reading now; nil: the file is too small for any rule.
    private func wouldBe(_ inode: Inode) throws(Errno) -> RouteDecision? {
        let file = DescriptorOwner(try inode.open(O_RDONLY | O_NONBLOCK))
        let status = try StagedCopy.status(file.descriptor)
        guard router.live.concerns(size: Int(status.st_size)) else { return nil }
        return router.decide(file.descriptor, status, Opening(edition: router.live.current.number)).route
    }
}
