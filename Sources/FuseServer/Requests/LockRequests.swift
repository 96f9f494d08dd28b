/// FUSE_GETLK: fcntl(2) F_GETLK.
public struct GetLockRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// Who would lock.
    public let owner: UInt64
    /// The lock in question.
    public let lock: Lock
}

/// FUSE_SETLK, FUSE_SETLKW: fcntl(2) F_SETLK, F_SETLKW.
public struct SetLockRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// Who locks.
    public let owner: UInt64
    /// The lock; F_UNLCK gives it up.
    public let lock: Lock
    /// Whether to wait for it.
    public let waits: Bool
    /// Becomes true when the caller does not want it any more; then answer EINTR.
    public let interruption: Interruption
}

/// FUSE_SETLK of flock(2).
public struct FileLockRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// LOCK_SH, LOCK_EX or LOCK_UN, with LOCK_NB where it must not wait.
    public let operation: Int32
    /// Who locks.
    public let owner: UInt64
    /// Becomes true when the caller does not want it any more; then answer EINTR.
    public let interruption: Interruption
}
