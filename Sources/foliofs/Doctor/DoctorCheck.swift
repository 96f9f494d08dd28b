/// One thing that FolioFS wants of a machine, and how it is here.
struct DoctorCheck: Encodable, Equatable {
    /// The check's permanent name: `fuse.device`.
    let check: String
    /// Whether it is as FolioFS wants it.
    let ok: Bool
    /// What was found.
    let detail: String
    /// What to do where it is not ok; nil: nothing.
    let advice: String?

    /// A check with its result; the advice is dropped where it is ok.
    init(_ check: String, ok: Bool, _ detail: String, advice: String? = nil) {
        self.check = check
        self.ok = ok
        self.detail = detail
        self.advice = ok ? nil : advice
    }

    private enum Key: String, CodingKey {
        case check, ok, detail, advice
    }

    /// Writes every key, `advice` being null where there is none.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(check, forKey: .check)
        try container.encode(ok, forKey: .ok)
        try container.encode(detail, forKey: .detail)
        try container.encode(advice, forKey: .advice)
    }
}
