import SystemPackage
import Testing

@testable import foliofs

@Suite("What foliofs run covers")
struct RunPlanTests {
    @Test(
        "a program's package is the directory above the last of its bin, lib and the like; what is in none stands alone",
        arguments: [
            ("/usr/bin/git", "/usr"), ("/usr/local/lib/x/y/z", "/usr"), ("/opt/tool/bin/x", "/opt/tool"),
            ("/opt/swift/usr/lib/swift/linux/libswiftCore.so", "/opt/swift/usr"),
            ("/root/.pyenv/versions/3.13/bin/python3.13", "/root/.pyenv/versions/3.13"), ("/bin/dash", "/bin"),
            ("/lib/x86_64-linux-gnu/libc.so.6", "/lib"), ("/opt/a/libexec/b/c", "/opt/a"), ("/usr2/x", nil),
            ("/home/user/a.out", nil), ("/a.out", nil), ("/home/bin", nil),
        ])
    func prefix(file: String, wanted: String?) {
        #expect(RunPlan.prefix(of: FilePath(file))?.string == wanted)
    }

    @Test("nothing is covered twice: what lies inside another is left out")
    func nested() {
        let covers = RunPlan.covers(
            files: ["/opt/a/bin/x", "/usr/lib/libc.so.6", "/opt/a/lib/b/lib/y", "/home/u/one", "/srv/d/two"],
            directories: ["/srv", "/opt/a/share"])
        #expect(
            covers == [
                .init(directory: "/opt/a", file: nil), .init(directory: "/srv", file: nil),
                .init(directory: "/usr", file: nil), .init(directory: "/home/u", file: "/home/u/one"),
            ])
    }

    @Test("the loader's list is read line by line, names with blanks included")
    func libraries() {
        let said = """
            \tlinux-vdso.so.1 (0x00007ffd6b9f1000)
            \tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f8c1a000000)
            \tlibodd.so => /opt/a b/lib/libodd.so (0x00007f8c19000000)
            \tlibgone.so => not found
            \t/lib64/ld-linux-x86-64.so.2 (0x00007f8c1a3f0000)

            """
        #expect(
            RunPlan.libraries(in: said)
                == ["/lib/x86_64-linux-gnu/libm.so.6", "/opt/a b/lib/libodd.so", "/lib64/ld-linux-x86-64.so.2"])
        #expect(RunPlan.libraries(in: "not a dynamic executable").isEmpty)
    }

    @Test("of a script's first line the interpreter counts, and what env is to find")
    func scripts() {
        #expect(RunPlan.scriptPrograms(" /bin/sh -e") == ["/bin/sh"])
        #expect(RunPlan.scriptPrograms("").isEmpty)
        #expect(RunPlan.scriptPrograms("/usr/bin/env -S A=b /bin/sh -x") == ["/usr/bin/env", "/bin/sh"])
        #expect(RunPlan.scriptPrograms("/usr/bin/env no-such-program-here") == ["/usr/bin/env"])
    }
}
