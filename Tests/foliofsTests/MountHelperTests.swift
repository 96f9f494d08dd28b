import ArgumentParser
import Testing

@testable import foliofs

@Suite("mount(8)'s helper")
struct MountHelperTests {
    @Test(
        "it is known by its name alone",
        arguments: [
            ("/sbin/mount.foliofs", true), ("/sbin/mount.fuse.foliofs", true), ("mount.foliofs", true),
            ("./mount.foliofs", true), ("foliofs", false),
            ("/usr/bin/foliofs", false), ("mount.foliofs/foliofs", false), ("xmount.foliofs", false), ("", false),
        ])
    func name(program: String, helper: Bool) {
        #expect(MountHelper.isHelper(program) == helper)
    }

    @Test(
        "its arguments become those of foliofs mount",
        arguments: [
            (
                ["/srv/data", "/mnt", "-o", "rw,allow_other"],
                ["mount", "-o", "rw,allow_other", "--", "/srv/data", "/mnt"]
            ),
            (["-n", "/a", "-s", "/b", "-v"], ["mount", "--", "/a", "/b"]),
            (
                ["/a", "/b", "-t", "fuse.foliofs", "-orw", "-o", "noatime"],
                ["mount", "-o", "rw,noatime", "--", "/a", "/b"]
            ),
            (["-sno", "ro", "/a", "/b"], ["mount", "-o", "ro", "--", "/a", "/b"]),
            (["-o", "ro", "--", "-a", "/b"], ["mount", "-o", "ro", "--", "-a", "/b"]),
        ])
    func translated(arguments: [String], expected: [String]) throws {
        #expect(try MountHelper.translate(arguments) == expected)
    }

    @Test("-f asks for nothing to be done")
    func fake() throws {
        #expect(try MountHelper.translate(["-f", "/a", "/b"]) == nil)
    }

    @Test(
        "what makes no sense is wrong usage",
        arguments: [[], ["/a"], ["/a", "/b", "/c"], ["/a", "/b", "-o"], ["-x", "/a", "/b"], ["-f", "/a"]])
    func refused(arguments: [String]) {
        let failure = #expect(throws: CommandFailure.self) { try MountHelper.translate(arguments) }
        #expect(failure?.code == .usage)
    }
}
