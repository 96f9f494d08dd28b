import FolioPolicy

/// One route, and whether files can be served by it here.
struct DoctorRoute: Encodable, Equatable {
    /// The route's name.
    let route: String
    /// Whether some file can be.
    let ok: Bool
    /// On which filesystems, and what stands in the way on the others.
    let detail: String
    /// What would give it where it is not there; nil: nothing.
    let advice: String?

    /// A route with its result; the advice is dropped where it is there.
    init(_ route: Route, ok: Bool, _ detail: String, advice: String? = nil) {
        self.route = route.rawValue
        self.ok = ok
        self.detail = detail
        self.advice = ok ? nil : advice
    }

    private enum Key: String, CodingKey {
        case route, ok, detail, advice
    }

    /// Writes every key, `advice` being null where there is none.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(route, forKey: .route)
        try container.encode(ok, forKey: .ok)
        try container.encode(detail, forKey: .detail)
        try container.encode(advice, forKey: .advice)
    }
}
