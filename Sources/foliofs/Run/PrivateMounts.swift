import ArgumentParser
import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// Mounts of FolioFS over directories as this process alone sees them, and what it runs.
///
/// The servers are in a mount namespace of their own, in which nothing is covered: what they serve they see beneath. Each
/// mount lives as long as a process is in the namespace in which it covers, and its server ends with it.
enum PrivateMounts {
    /// Where the servers mount, seen by them alone.
    private static let place: FilePath = "/run/foliofs/run"

    /// Covers what a plan says. One thread only; the working directory is the covering one afterwards.
    ///
    /// - Parameter options: of `foliofs mount` for a cover, as its `-o` has them.
    /// - Throws: `CommandFailure` with what the server said; nothing is left then but what this process's end takes away.
    static func make(_ covers: [RunPlan.Cover], options: (RunPlan.Cover) -> [String]) throws {
        let directory = getcwd(nil, 0)
        defer { free(directory) }
        try enterNamespace()
        try preparePlace()
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CommandFailure("cannot make a pipe: \(Errno(rawValue: errno).name)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var mountpoints: [FilePath] = []
        for (index, cover) in covers.enumerated() {
            let mountpoint = place.appending(String(index))
            try call("make", mountpoint) { mountpoint.withPlatformString { mkdir($0, 0o755) } }
            try serve(cover.directory, on: mountpoint, options: options(cover), lifeline: ends[0])
            mountpoints.append(mountpoint)
        }
        close(ends[0])
        // The other end is closed by the command's execve, or by the end of this process: then the servers let go of their
        // own mounts, and those live on that cover something.
        try enterNamespace()
        for (cover, mountpoint) in zip(covers, mountpoints) {
            let target = cover.file ?? cover.directory
            let source = cover.file?.lastComponent.map { mountpoint.appending($0) } ?? mountpoint
            try call("cover", target) {
                source.withPlatformString { from in
                    target.withPlatformString { mount(from, $0, nil, UInt(FOLIO_MS_BIND), nil) }
                }
            }
        }
        try call("take away", place) { place.withPlatformString { folio_unmount($0, Int32(FOLIO_MNT_DETACH)) } }
        // By its name it is the covering directory.
        if let directory { _ = chdir(directory) }
    }

    private static func enterNamespace() throws {
        try call("make a mount namespace for", "this process") { folio_dependent_mount_namespace() }
    }

    private static func preparePlace() throws {
        for (path, mode) in [(place.removingLastComponent(), mode_t(0o700)), (place, 0o700)] {
            guard path.withPlatformString({ mkdir($0, mode) }) != 0, errno != EEXIST else { continue }
            throw LinuxError("make", path, Errno(rawValue: errno))
        }
        try call("mount a tmpfs on", place) {
            place.withPlatformString { mount("foliofs-run", $0, "tmpfs", 0, "mode=0700,size=64k") }
        }
    }

    private static func call(_ action: String, _ path: FilePath, _ body: () -> Int32) throws {
        do throws(Errno) {
            _ = try systemCall(body)
        } catch {
            throw LinuxError(action, path, error)
        }
    }

    /// Runs `foliofs mount`, which returns when its mount answers.
    private static func serve(
        _ directory: FilePath, on mountpoint: FilePath, options: [String], lifeline: Int32
    ) throws {
        let words =
            ["/proc/self/exe", "mount", directory.string, mountpoint.string, "--until-closed", "3"]
            + options.flatMap { ["-o", $0] }
        let said: HelperProgram.Output
        do {
            said = try HelperProgram.output(of: words, descriptor: lifeline)
        } catch {
            throw CommandFailure("cannot start the server of \(directory): \(error.name)")
        }
        guard said.status != 0 else { return }
        let sentence =
            said.text.split(separator: "\n").last.map(String.init) ?? "the server of \(directory) did not start"
        throw CommandFailure(
            sentence.hasPrefix("foliofs: ") ? String(sentence.dropFirst(9)) : sentence,
            code: [2, 4].contains(said.status) ? ExitCode(said.status) : .operationFailed)
    }
}
