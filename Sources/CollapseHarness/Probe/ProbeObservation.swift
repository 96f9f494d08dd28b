package import FolioPolicy

/// What one way of a probe led to, and what was predicted.
package struct ProbeObservation: Hashable, Sendable {
    /// The way.
    package let way: ProbeWay
    /// The orders of the folios that were in the page cache afterwards.
    package let orders: FolioOrderSet
    /// Whether PMDs mapped every chunk afterwards; nil: nothing was mapped, or it cannot be seen.
    package let pmdMapped: Bool?
    /// The errno of the call by name; nil: it succeeded, or there was none.
    package let errno: String?
    /// Whether pages were dirty afterwards.
    package let dirty: Bool
    /// What the policy said would be; nil: it was not asked.
    package let decision: Decision?

    /// How prediction and observation differ; empty: not at all, or nothing was predicted.
    package var differences: [String] {
        guard let decision, let pmdMapped else { return [] }
        switch decision.verdict {
        case .unknown: return []
        case .allowed where !pmdMapped:
            return ["predicted PMD mappings, found none" + (errno.map { ", \($0)" } ?? "")]
        case .denied where pmdMapped:
            let rule = decision.rules.last { $0.outcome == .fail }?.id
            return ["predicted no PMD mapping" + (rule.map { " (\($0))" } ?? "") + ", found one"]
        case .denied where way == .collapse && decision.errno != nil && decision.errno != errno:
            return ["predicted \(decision.errno ?? "success"), got \(errno ?? "success")"]
        case .allowed, .denied: return []
        }
    }
}
