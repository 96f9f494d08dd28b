import Glibc
import LinuxFacts
import SystemPackage

/// What is to be mounted where, and whether this process may.
struct MountRequest {
    let source: FilePath
    let mountpoint: FilePath
    /// Whether others than the caller are to see the mount; root's are always seen.
    let allowOther: Bool

    /// Whether fusermount3 has to mount, the caller not being root.
    var isUnprivileged: Bool { geteuid() != 0 }

    /// - Throws: `ServeError` for whatever is known beforehand to make the mount fail.
    func check() throws {
        guard access("/dev/fuse", R_OK | W_OK) == 0 else {
            let failure = Errno(rawValue: errno)
            throw ServeError(
                "cannot open /dev/fuse: \(failure.name); "
                    + (failure == .permissionDenied
                        ? "chmod 0666 /dev/fuse, or run it as root"
                        : "load the fuse module (modprobe fuse) or let the container have the device"),
                machineLacks: true)
        }
        if isUnprivileged {
            try checkProgram()
        } else {
            guard try ProcessCapabilities.effective().contains(.administer) else {
                throw ServeError(
                    "cannot mount on \(mountpoint): EPERM; mounting takes CAP_SYS_ADMIN: give it to the container "
                        + "(--cap-add SYS_ADMIN), or mount as an ordinary user", machineLacks: true)
            }
        }
        if mountpoint != source, mountpoint.starts(with: source) {
            throw ServeError(
                "mount on", mountpoint, .tooManySymbolicLinkLevels,
                advice: "it is inside the source, which would contain itself: mount elsewhere")
        }
        let mounts = try MountTable.read()
        if let there = mounts.mounts.last(where: { $0.mountpoint == mountpoint }), there.type.hasPrefix("fuse") {
            throw ServeError(
                "mount on", mountpoint, .resourceBusy,
                advice: "\(there.type) of \(there.source) is mounted there: unmount it first (foliofs unmount)")
        }
    }

    /// What fusermount3 would say, before it says it.
    private func checkProgram() throws {
        guard let program = FuseMountProgram.find() else {
            throw ServeError(
                "cannot mount on \(mountpoint): EPERM; only root mounts without fusermount3: install fuse3, or run it "
                    + "with sudo", machineLacks: true)
        }
        guard FuseMountProgram.hasPrivileges(program) else {
            throw ServeError(
                "cannot mount on \(mountpoint): EPERM; \(program) is not set-user-id root: chmod u+s \(program), or run "
                    + "foliofs with sudo", machineLacks: true)
        }
        guard !allowOther || FuseMountProgram.allowsOthers else {
            throw ServeError(
                "cannot mount on \(mountpoint) with allow_other: EPERM; that takes the line user_allow_other in "
                    + "/etc/fuse.conf, or root", machineLacks: true)
        }
        guard mountpoint.withPlatformString({ access($0, W_OK) }) == 0 else {
            throw ServeError(
                "mount on", mountpoint, Errno(rawValue: errno),
                advice: "users mount only on directories that they may write: choose one of your own")
        }
        let status = try FileStatus.read(mountpoint)
        guard status.mode & UInt32(S_ISVTX) == 0 || status.user == getuid() else {
            throw ServeError(
                "mount on", mountpoint, .notPermitted,
                advice: "it is sticky and not yours: choose a directory of your own")
        }
    }
}
