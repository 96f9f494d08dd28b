import SystemPackage

/// Something of the source whose descriptor may be closed while nobody uses it, and opened again when somebody does.
class CachedDescriptor: @unchecked Sendable {
    /// Its place in the cache; guarded by the cache.
    final var cachePlace = DescriptorCache.noPlace
    /// Whether it ever had one: then the cache is asked before this goes.
    final var wasCached = false

    init() {}

    /// Opens a descriptor, which the caller then owns.
    func openDescriptor() throws(Errno) -> Int32 { throw .badFileDescriptor }

    /// Whether its descriptor, which nobody uses, may be closed.
    func mayClose(_ descriptor: Int32) -> Bool { true }
}
