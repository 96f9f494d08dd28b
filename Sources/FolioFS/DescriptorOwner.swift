import Glibc

/// A descriptor that is closed unless somebody takes it.
final class DescriptorOwner {
    private(set) var descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Gives the descriptor away.
    func take() -> Int32 {
        defer { descriptor = -1 }
        return descriptor
    }
}
