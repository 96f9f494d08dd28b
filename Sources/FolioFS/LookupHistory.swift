import FuseServer
import Synchronization

/// How many names of a directory have been looked up one by one lately: a guess, of use to speed alone.
///
/// Who has just asked for most of a directory's files by name (git status does, before it reads directories for what it does not
/// know) has what a listing with attributes would tell.
final class LookupHistory: @unchecked Sendable {
    private static let slotCount = 512
    /// A directory's node in the upper 48 bits, which an address leaves free below, and a count that does not overflow.
    private let slots: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        slots = .allocate(capacity: Self.slotCount)
        for index in 0..<Self.slotCount { (slots + index).initialize(to: Atomic(0)) }
    }

    deinit {
        slots.deinitialize(count: Self.slotCount)
        slots.deallocate()
    }

    /// Counts a name found in a directory.
    @inline(__always)
    func found(in directory: NodeID) {
        let (slot, tag) = place(directory)
        let value = slot.pointee.load(ordering: .relaxed)
        if value & ~0xffff != tag {
            slot.pointee.store(tag | 1, ordering: .relaxed)
        } else if value & 0xffff != 0xffff {
            // A count that is lost to another thread is no loss.
            slot.pointee.store(value + 1, ordering: .relaxed)
        }
    }

    /// How many names were found in a directory since this was last asked.
    func take(_ directory: NodeID) -> Int {
        let (slot, tag) = place(directory)
        let value = slot.pointee.load(ordering: .relaxed)
        guard value & ~0xffff == tag else { return 0 }
        slot.pointee.store(0, ordering: .relaxed)
        return Int(value & 0xffff)
    }

    @inline(__always)
    private func place(_ directory: NodeID) -> (slot: UnsafeMutablePointer<Atomic<UInt64>>, tag: UInt64) {
        // Addresses of inodes are multiples of 16.
        let hash = (directory.rawValue >> 4) &* 0x9e37_79b9_7f4a_7c15
        return (slots + Int(hash >> 55), directory.rawValue << 16)
    }
}
