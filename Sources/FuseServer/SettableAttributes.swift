/// Which attributes a FUSE_SETATTR sets.
public struct SettableAttributes: OptionSet, Sendable {
    /// FUSE_SET_ATTR_* of libfuse.
    public let rawValue: Int32

    /// A set from libfuse's bits.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The permission bits.
    public static let mode = SettableAttributes(rawValue: 1 << 0)
    /// The owner.
    public static let user = SettableAttributes(rawValue: 1 << 1)
    /// The group.
    public static let group = SettableAttributes(rawValue: 1 << 2)
    /// The size.
    public static let size = SettableAttributes(rawValue: 1 << 3)
    /// The time of last access, as given.
    public static let accessTime = SettableAttributes(rawValue: 1 << 4)
    /// The time of last modification, as given.
    public static let modificationTime = SettableAttributes(rawValue: 1 << 5)
    /// Set-id bits and file capabilities go, as the caller's own truncation or chown(2) would clear them
    /// (`.handleKillPrivilege2`).
    public static let killPrivileges = SettableAttributes(rawValue: 1 << 11)
    /// The time of last access, now.
    public static let accessTimeNow = SettableAttributes(rawValue: 1 << 7)
    /// The time of last modification, now.
    public static let modificationTimeNow = SettableAttributes(rawValue: 1 << 8)
    /// The time of last change; the kernel's own, seldom to be honoured.
    public static let changeTime = SettableAttributes(rawValue: 1 << 10)
}
