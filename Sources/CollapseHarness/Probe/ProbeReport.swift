package import FolioPolicy

/// A filesystem's page cache as it was measured, and as its plugin claims it to be.
package struct ProbeReport: Encodable, Sendable {
    /// The directory that was probed.
    package let directory: String
    /// Its filesystem.
    package let filesystem: FilesystemFacts
    /// The kernel.
    package let kernel: KernelFacts
    /// What is claimed.
    package let capability: FilesystemCapability
    /// What was measured, way by way.
    package let seen: [ProbeObservation]
    /// The claims, each with what was measured.
    package let claims: [ProbeClaim]
    /// The file that was used where none could be made; nil: one was made.
    package let file: String?

    /// What the filesystem does otherwise than claimed or predicted, a line each.
    package var disagreements: [String] {
        claims.filter { $0.agreed == false }.map { claim in
            "\(claim.key): claimed \(claim.claimed), measured \(claim.measured ?? "nothing")"
        } + seen.flatMap { way in way.differences.map { "\(way.way.text): \($0)" } }
    }

    /// How many claims and predictions were held against a measurement.
    package var checked: Int {
        claims.count { $0.agreed != nil }
            + seen.count { $0.pmdMapped != nil && $0.decision.map { $0.verdict != .unknown } == true }
    }

    private enum Key: String, CodingKey {
        case directory, filesystem, kernel, file, ways, claims, source, confidence, missing, checked, disagreements
    }

    /// How surely the claim is made, for a person.
    package var source: String { capability.source + (capability.confidence.map { " (\($0.rawValue))" } ?? "") }

    /// Writes the keys of `probe --json`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(directory, forKey: .directory)
        try container.encode(filesystem.type, forKey: .filesystem)
        try container.encode(kernel.version?.description, forKey: .kernel)
        try container.encode(file, forKey: .file)
        try container.encode(seen.map(Way.init), forKey: .ways)
        try container.encode(claims.map(Claim.init), forKey: .claims)
        try container.encode(capability.source, forKey: .source)
        try container.encode(capability.confidence?.rawValue, forKey: .confidence)
        try container.encode(capability.missing, forKey: .missing)
        try container.encode(checked, forKey: .checked)
        try container.encode(disagreements, forKey: .disagreements)
    }

    private struct Way: Encodable {
        let way: String
        let orders: [UInt8]
        let pmdMapped: Bool?
        let errno: String?
        let dirty: Bool
        let predicted: PredictionDocument?
        let differences: [String]

        init(_ seen: ProbeObservation) {
            way = seen.way.rawValue
            orders = seen.orders.map(\.rawValue).sorted()
            pmdMapped = seen.pmdMapped
            errno = seen.errno
            dirty = seen.dirty
            predicted = seen.decision.map(PredictionDocument.init)
            differences = seen.differences
        }
    }

    private struct Claim: Encodable {
        let key: String
        let claimed: String
        let measured: String?
        let agreed: Bool?

        init(_ claim: ProbeClaim) {
            key = claim.key
            claimed = claim.claimed
            measured = claim.measured
            agreed = claim.agreed
        }
    }
}
