import FuseServer

extension Optional where Wrapped == MountRecords {
    /// What a handle of the kernel's stands for: its address, unless handles are handed on.
    @inline(__always)
    func object(_ handle: HandleID) -> UnsafeRawPointer? {
        guard let self else { return UnsafeRawPointer(bitPattern: UInt(handle.rawValue)) }
        return self.handles.object(handle)
    }
}
