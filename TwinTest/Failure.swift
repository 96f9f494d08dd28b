import Glibc

/// Why a run could not be made, in one sentence.
struct Failure: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// What strerror(3) says.
func errnoText(_ code: Int32) -> String { String(cString: strerror(code)) }
