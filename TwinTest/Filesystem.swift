import Glibc

/// A filesystem that holds the native twin and the mount's source: a loop image, or a tmpfs.
enum Filesystem: String, CaseIterable {
    case ext4, xfs, btrfs, tmpfs

    /// Makes it in `work` and mounts it. Access times are kept exactly as relatime does not need the clock.
    ///
    /// - Returns: where it is mounted.
    func mount(in work: String) throws -> String {
        let format =
            switch self {
            case .ext4: "mkfs.ext4 -q -F"
            case .xfs: "mkfs.xfs -q -f"
            case .btrfs: "mkfs.btrfs -q -f"
            case .tmpfs: ""
            }
        let path = "\(work)/\(rawValue)"
        let script =
            self == .tmpfs
            ? #"mkdir -p "$P" && mount -t tmpfs -o size=4G tmpfs "$P""#
            : #"mkdir -p "$P" && truncate -s 12G "$P.img" && \#(format) "$P.img" && mount -o loop "$P.img" "$P""#
        try Shell.run(script, ["P": path])
        return path
    }

    func unmount(_ path: String) throws {
        try Shell.run(#"umount "$P" && rmdir "$P" && rm -f "$P.img""#, ["P": path])
    }
}
