import Testing

@testable import LinuxFacts

@Suite("The control group that limits a process's memory")
struct MemoryControlGroupTests {
    private static let mounts = MountTable.parse(
        """
        30 20 0:30 / /nowhere/memory rw - cgroup cgroup rw,memory
        31 20 0:31 / /nowhere/unified rw - cgroup2 cgroup2 rw
        """
    ).mounts

    @Test("a hierarchy that is not there is none")
    func absent() {
        #expect(MemoryControlGroup(groups: "4:memory:/a/b\n0::/\n", Self.mounts) == nil)
        #expect(MemoryControlGroup(groups: "", Self.mounts) == nil)
        #expect(MemoryControlGroup(groups: "4:memory:/a\n", []) == nil)
    }

    @Test("every level that has a limit says so in bytes")
    func levels() {
        // Which there are depends on the machine; none may be nonsense.
        for level in MemoryControlGroup.own?.levels() ?? [] {
            #expect(level.limit > 0 && level.limit < 1 << 60)
            #expect(level.usage >= 0 && level.inactiveFile >= 0)
        }
    }
}
