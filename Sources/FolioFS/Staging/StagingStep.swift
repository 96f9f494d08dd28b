import Glibc
import SystemPackage

/// The steps by which a copy comes to serve a file.
///
/// For tests, a server can be made to stop at one of them (`StopPoint`), or by the environment to fail there with EIO,
/// FOLIOFS_FAIL_AT=copied.
enum StagingStep: String, CaseIterable, Sendable {
    /// Room has been made in the budget.
    case reserved
    /// The copy's file is there, empty.
    case created
    /// It has its size.
    case sized
    /// Its first bytes are in it.
    case begun
    /// All bytes are in it.
    case copied
    /// The source was the same all the time.
    case verified
    /// Opens find it.
    case published
    /// The kernel has it as a backing file.
    case backed

    private static let failure = getenv("FOLIOFS_FAIL_AT").flatMap { StagingStep(rawValue: String(cString: $0)) }

    /// Called when the step has been made.
    /// - Throws: EIO where a test wants it.
    func done() throws(Errno) {
        StopPoint.reached(self)
        if self == Self.failure { throw .ioError }
    }
}
