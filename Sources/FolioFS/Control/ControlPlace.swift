import Glibc
import LinuxFacts
import SystemPackage

/// Where the sockets of one user's mounts are: a directory that only that user and root can enter.
///
/// /run/foliofs for root; for others /run/user/UID/foliofs where the system has the former, else /tmp/foliofs-UID.
struct ControlPlace {
    /// The user who serves.
    let owner: UInt32
    private let directory: String

    /// The place of a user.
    init(owner: UInt32) {
        self.owner = owner
        guard owner != 0 else {
            directory = "/run/foliofs"
            return
        }
        let runtime = "/run/user/\(owner)"
        let status = try? FileStatus.read(FilePath(runtime), follow: false)
        directory =
            status.map { $0.isDirectory && $0.user == owner } == true ? runtime + "/foliofs" : "/tmp/foliofs-\(owner)"
    }

    /// The place of whoever serves a mount (`user_id` of its mountinfo line).
    init(of mount: Mount) { self.init(owner: mount.superOptions["user_id"].flatMap(UInt32.init) ?? 0) }

    /// The socket of the mount of `device`, `major:minor` of its mountinfo line.
    func socket(_ device: DeviceNumber) -> FilePath { FilePath(directory + "/\(device)") }

    /// Makes the directory, for the calling user.
    ///
    /// - Throws: EPERM where somebody else has put something there.
    func make() throws(Errno) {
        do throws(Errno) {
            _ = try systemCall { mkdir(directory, 0o700) }
        } catch {
            guard error == .fileExists else { throw error }
        }
        let status: FileStatus
        do throws(LinuxError) {
            status = try FileStatus.read(FilePath(directory), follow: false)
        } catch {
            throw error.errno
        }
        guard status.isDirectory, status.user == geteuid() else { throw .notPermitted }
        _ = try systemCall { chmod(directory, 0o700) }
    }
}
