import ArgumentParser
import FolioFS
import Glibc
import LinuxFacts
import SystemPackage

/// A mount of foliofs that this process sees.
struct ServedMount {
    let mount: Mount

    /// What a shell completes a mountpoint by.
    static let completion = CompletionKind.shellCommand(
        #"awk '$3 == "fuse.foliofs" { print $2 }' /proc/self/mounts"#)

    /// Every mount of foliofs.
    static func all() throws(LinuxError) -> [ServedMount] {
        try MountTable.read().mounts.filter { $0.type == "fuse.foliofs" }.map { ServedMount(mount: $0) }
    }

    /// The mount that is on a path.
    /// - Throws: `CommandFailure` where none is.
    static func on(_ path: String) throws -> ServedMount {
        // Not resolved: a mount whose server is gone answers nothing.
        let asked = absolute(path)
        let mounts = try all()
        if let mount = mounts.last(where: { $0.mount.mountpoint == asked }) { return mount }
        if let resolved = resolved(path), let mount = mounts.last(where: { $0.mount.mountpoint == resolved }) {
            return mount
        }
        throw CommandFailure(
            "cannot use \(path): EINVAL; foliofs is not mounted there, foliofs status lists where it is")
    }

    /// The mount that holds a file, and the file's path below it; nil: it is not on a mount of foliofs.
    /// - Throws: `CommandFailure` where the path is not there.
    static func containing(_ path: String) throws -> (mount: ServedMount, below: FilePath)? {
        guard let resolved = resolved(path) else {
            throw CommandFailure("cannot find \(path): \(Errno(rawValue: errno).name); name a file that is there")
        }
        guard let mount = try MountTable.read().mount(containing: resolved), mount.type == "fuse.foliofs" else {
            return nil
        }
        var below = resolved
        _ = below.removePrefix(mount.mountpoint)
        return (ServedMount(mount: mount), below)
    }

    /// The mount that holds a file, and the file's path below it; nil: it is on none.
    static func holding(_ path: String) -> (mount: ServedMount, below: FilePath)? { try? containing(path) }

    /// Asks the server.
    /// - Throws: `CommandFailure` where it does not answer.
    func ask<Answer: Decodable>(_ message: ControlMessage, _ each: (Answer) -> Bool) throws(CommandFailure) {
        do throws(Errno) {
            try ControlSocket.ask(mount, message, each)
        } catch {
            let advice =
                switch error {
                case .permissionDenied: "another user serves it: ask as that user or as root"
                case .notPermitted: "its socket is not of the user who mounted it: find out who made it"
                default:
                    "it may be gone: foliofs unmount \(mount.mountpoint); where it is in a container, ask there"
                }
            throw CommandFailure("cannot ask the server of \(mount.mountpoint): \(error.name); \(advice)")
        }
    }

    /// What every mount says of itself, and why others do not.
    static func statusOfAll() throws(LinuxError) -> (documents: [StatusDocument], failures: [CommandFailure]) {
        var documents: [StatusDocument] = []
        var failures: [CommandFailure] = []
        for mount in try all() {
            do throws(CommandFailure) {
                documents.append(try mount.status())
            } catch {
                failures.append(error)
            }
        }
        return (documents, failures)
    }

    /// What the mount says of itself.
    /// - Throws: `CommandFailure` where it does not answer.
    func status() throws(CommandFailure) -> StatusDocument {
        var document: StatusDocument?
        try ask(ControlMessage(.status)) { (answer: StatusDocument) in
            document = answer
            return false
        }
        guard let document else {
            throw CommandFailure("cannot ask the server of \(mount.mountpoint): EPROTO; it ended its answer early")
        }
        return document
    }

    private static func absolute(_ path: String) -> FilePath {
        let path = FilePath(path)
        if path.isAbsolute { return path.lexicallyNormalized() }
        guard let directory = getcwd(nil, 0) else { return path }
        defer { free(directory) }
        return FilePath(platformString: directory).pushing(path).lexicallyNormalized()
    }

    private static func resolved(_ path: String) -> FilePath? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }
}
