import Glibc

/// A user who is neither root nor a member of anything, with a folder that everybody reaches.
///
/// The user exists in the tests' mount namespace alone, and so does a /dev/fuse for everybody where the machine has none.
final class OtherUser {
    let id: UInt32 = 4242
    let name = "foliofs-test"
    /// Theirs, below /tmp.
    let home: String
    /// foliofs, where they can run it.
    let foliofs: String

    init(_ bench: Workbench) throws {
        home = try run(["mktemp", "-d", "/tmp/foliofs-XXXXXX"]).text.filter { $0 != "\n" }
        foliofs = home + "/foliofs"
        let made = try run(
            [
                "/bin/bash", "-ec",
                """
                grep -v ^foliofs-test: /etc/passwd > "$B/passwd"; echo "foliofs-test:x:4242:4242::$H:/bin/bash" >> "$B/passwd"
                mount --bind "$B/passwd" /etc/passwd; chmod 644 "$B/passwd"
                [ $(stat -c %a /dev/fuse) = 666 ] || { mknod -m 666 "$B/fuse" c 10 229; mount --bind "$B/fuse" /dev/fuse; }
                cp "$F" "$H/foliofs"; chmod 755 "$H/foliofs"; chown 4242:4242 "$H"; chmod 755 "$H"
                """,
            ], environment: ["B": bench.directory, "H": home, "F": bench.foliofs])
        try expect(made.status == 0, "cannot make a user: \(made.text)")
    }

    deinit {
        for mount in MountPoint.all().reversed() where mount.path.hasPrefix(home + "/") {
            mount.abortConnection()
            umount2(mount.path, 2)
        }
        umount2("/etc/passwd", 2)
        if MountPoint.at("/dev/fuse") != nil { umount2("/dev/fuse", 2) }
        _ = try? run(["rm", "-rf", "--one-file-system", home, "/tmp/foliofs-\(id)"])
    }

    /// Runs a bash script as this user, in their home unless told otherwise.
    func bash(
        _ script: String, in directory: String? = nil, environment: [String: String] = [:], timeout: Double = 50
    ) throws -> Outcome {
        var variables = environment
        variables["IN"] = directory ?? home
        variables["HOME"] = home
        // What root has on its own PATH may lie where others cannot go.
        variables["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        variables["FOLIOFS"] = foliofs
        return try run(
            [
                "setpriv", "--reuid", String(id), "--regid", String(id), "--clear-groups", "/bin/bash", "-c",
                "cd \"$IN\" || exit 125\n" + script,
            ], environment: variables, timeout: timeout)
    }

    /// Runs a bash script that must succeed.
    @discardableResult
    func require(
        _ script: String, in directory: String? = nil, environment: [String: String] = [:], timeout: Double = 50
    ) throws -> String {
        let outcome = try bash("set -e\n" + script, in: directory, environment: environment, timeout: timeout)
        try expect(
            outcome.status == 0,
            "exit \(outcome.status) of, as a user: \(script.prefix(300))\n\(outcome.text.suffix(1500))")
        return outcome.text
    }
}
