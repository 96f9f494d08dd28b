/// Why a stage or a scenario cannot be played here.
struct Unavailable: Error {
    /// For a person: what is missing.
    let reason: String
}
