import CLinuxShims
package import SystemPackage

/// Capabilities of a thread (capabilities(7)), bit n being number n of linux/capability.h.
package struct ProcessCapabilities: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    private init(bit: Int) { rawValue = 1 << UInt64(bit) }

    /// Changing owners (CAP_CHOWN).
    package static let changeOwner = ProcessCapabilities(bit: 0)
    /// Permission bits are not asked (CAP_DAC_OVERRIDE).
    package static let overridePermissions = ProcessCapabilities(bit: 1)
    /// Reading and searching everywhere, and open_by_handle_at(2) (CAP_DAC_READ_SEARCH).
    package static let readAndSearch = ProcessCapabilities(bit: 2)
    /// What else only the owner may do: modes, times, ACLs (CAP_FOWNER).
    package static let actAsOwner = ProcessCapabilities(bit: 3)
    /// Set-id bits that stay (CAP_FSETID).
    package static let keepSetID = ProcessCapabilities(bit: 4)
    /// Other group ids and supplementary groups (CAP_SETGID).
    package static let setGroup = ProcessCapabilities(bit: 6)
    /// Other user ids (CAP_SETUID).
    package static let setUser = ProcessCapabilities(bit: 7)
    /// The flags immutable and append-only (CAP_LINUX_IMMUTABLE).
    package static let immutable = ProcessCapabilities(bit: 9)
    /// Mounts, fanotify, FUSE passthrough, trusted xattrs (CAP_SYS_ADMIN).
    package static let administer = ProcessCapabilities(bit: 21)
    /// Scheduling that takes nothing from others, and back (CAP_SYS_NICE).
    package static let schedule = ProcessCapabilities(bit: 23)
    /// Past quotas, reserved blocks and limits (CAP_SYS_RESOURCE).
    package static let exceedResources = ProcessCapabilities(bit: 24)
    /// Device nodes (CAP_MKNOD).
    package static let makeNodes = ProcessCapabilities(bit: 27)
    /// Leases on files of others, which tell whether anybody writes to them (CAP_LEASE).
    package static let lease = ProcessCapabilities(bit: 28)
    /// The xattr security.capability (CAP_SETFCAP).
    package static let setFileCapabilities = ProcessCapabilities(bit: 31)

    /// Those that the calling thread can use now.
    package static func effective() throws(Errno) -> ProcessCapabilities {
        var sets = folio_capabilities()
        _ = try systemCall { folio_get_capabilities(&sets) }
        return ProcessCapabilities(rawValue: sets.effective)
    }

    /// Gives up for good whatever is not among these, for the calling thread and those that it starts.
    package func keepOnlyThese() throws(Errno) {
        // Gone from the bounding set, they do not come back by an execve either. Without CAP_SETPCAP it is left alone.
        for bit in 0..<Int32(UInt64.bitWidth) where !contains(ProcessCapabilities(bit: Int(bit))) {
            if folio_drop_bounding(bit) != 0 { break }
        }
        var sets = folio_capabilities()
        _ = try systemCall { folio_get_capabilities(&sets) }
        sets.permitted &= rawValue
        sets.effective = sets.permitted
        sets.inheritable = 0
        _ = try systemCall { folio_set_capabilities(&sets) }
    }
}
