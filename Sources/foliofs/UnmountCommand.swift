import ArgumentParser
import CLinuxShims
import FolioFS
import Glibc
import LinuxFacts
import SystemPackage

/// `foliofs unmount`: ends a mount, also one whose server is gone.
struct UnmountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unmount", abstract: "End a mount.")

    @Argument(help: "Where it is mounted.", completion: ServedMount.completion) var mountpoint: String
    @Flag(help: "Take it out of the tree now; it ends when the last file of it is closed.") var lazy = false

    func run() throws {
        let served = try ServedMount.on(mountpoint)
        let path = served.mount.mountpoint
        let server = lazy ? nil : ControlSocket.watch(served.mount)
        do throws(Errno) {
            try unmount(path)
        } catch {
            let advice =
                switch error {
                case .resourceBusy: "close what is open on it, or use --lazy"
                case .notPermitted: "another user mounted it: unmount it as that user or as root"
                case .noSuchFileOrDirectory: "only root unmounts without fusermount3: install fuse3"
                default: "see umount(8)"
                }
            throw LinuxError("unmount", path, error, advice: advice)
        }
        // The source is let go of when the server has ended: what mounted it may be unmounted after this command.
        if let server { ControlSocket.awaitEnd(server, seconds: 30) }
    }
    /// umount2(2), by fusermount3 where that takes root.
    private func unmount(_ path: FilePath) throws(Errno) {
        do throws(Errno) {
            let flags = lazy ? Int32(FOLIO_MNT_DETACH) : 0
            _ = try systemCall { path.withPlatformString { folio_unmount($0, flags) } }
        } catch {
            guard error == .notPermitted, geteuid() != 0 else { throw error }
            guard let program = FuseMountProgram.find() else { throw .noSuchFileOrDirectory }
            guard
                let said = try HelperProgram.failure(
                    of: [program.string, "-u"] + (lazy ? ["-z"] : []) + ["--", path.string])
            else { return }
            throw said.contains("busy") ? .resourceBusy : .notPermitted
        }
    }
}
