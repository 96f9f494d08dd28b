import Glibc

/// A descriptor that is closed unless somebody takes it; it is handed from thread to thread, not shared.
final class DescriptorOwner: @unchecked Sendable {
    private(set) var descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Gives the descriptor away.
    func take() -> Int32 {
        defer { descriptor = -1 }
        return descriptor
    }
}
