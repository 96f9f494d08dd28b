import FolioPolicy
import LinuxFacts
import Testing

@testable import foliofs

@Suite("By what a mapping of a running process is mapped by PMDs")
struct MappingWayTests {
    /// A mapping of two chunks as /proc/PID/smaps has it.
    private func way(
        _ protection: String = "r-xp", mapped: Int = 0, anonymous: Int = 0, flags: String = "rd ex mr",
        filesystem: String = "ext4",
        orders: OrderCapability = .range(minimum: .zero, maximum: FolioOrder(9)), missing: [String] = [],
        kernel: KernelVersion = KernelVersion(6, 18), disabled: Bool = false, chunks: Int = 2, isCongruent: Bool = true
    ) throws -> MappingWay {
        let start = isCongruent ? "7f0000000000-7f0000400000" : "7f0000001000-7f0000401000"
        let text = """
            \(start) \(protection) 00000000 fe:00 17 /opt/x
            Rss: 4096 kB
            Anonymous: \(anonymous) kB
            FilePmdMapped: \(mapped) kB
            VmFlags: \(flags)
            """
        let entry = try #require(Smaps.parse(text).first)
        var mapping = entry.facts
        mapping.touched = true
        let query = PolicyQuery(
            kernel: KernelFacts(
                version: kernel, config: ["READ_ONLY_THP_FOR_FS": false, "TRANSPARENT_HUGEPAGE": true]),
            system: SystemFacts(enabled: .madvise, shmemEnabled: .never, processDisabled: disabled),
            filesystem: FilesystemFacts(type: filesystem, mountOptions: [:]),
            capability: FilesystemCapability(
                filesystem: filesystem, orders: orders, passthroughBacking: true, source: "a test", missing: missing),
            file: FileFacts(
                size: 8 << 20, regular: true, openForWrite: false, dirty: false, inodeFlags: [], executable: true,
                cachedOrders: [.zero]),
            mapping: mapping, operation: .processCollapse)
        return MappingWay(
            entry, query: query, collapses: [decide(query)], chunks: chunks, isCongruent: isCongruent)
    }

    @Test("what is mapped already, or holds no chunk")
    func settled() throws {
        #expect(try way(mapped: 4096).way == .mapped)
        #expect(try way(chunks: 0).way == .never)
    }

    @Test("what keeps PMDs away whatever the file is said first")
    func obstacles() throws {
        #expect(try way(disabled: true).reason.contains("PR_SET_THP_DISABLE"))
        #expect(try way(flags: "rd ex nh").reason.contains("MADV_NOHUGEPAGE"))
        #expect(try way(flags: "rd io").reason.contains("driver"))
        #expect(try way(anonymous: 4).reason.contains("the process's own"))
        #expect(try way("rw-p").reason.contains("private and writable"))
        for one in [try way(disabled: true), try way("rw-p")] { #expect(one.way == .never) }
    }

    @Test("a kernel that collapses it, a page cache that can be promoted, a mount")
    func ways() throws {
        // From 7.2 on the mapping decides.
        #expect(try way(kernel: KernelVersion(7, 3)).way == .collapse)
        let promoted = try way()
        #expect(promoted.way == .promote)
        #expect(promoted.route == .native)
        let askew = try way(isCongruent: false)
        #expect(askew.way == .mount)
        #expect(askew.reason.contains("differ modulo 2 MiB"))
        let staged = try way(filesystem: "btrfs", orders: .none)
        #expect(staged.way == .mount)
        #expect(staged.route == .staged)
        #expect(try way(filesystem: "fuse.foliofs", orders: .unknown, missing: ["filesystem.layers"]).way == .promote)
        // Without passthrough there is no mount that helps.
        #expect(try way(filesystem: "btrfs", orders: .none, kernel: KernelVersion(6, 1)).way == .never)
    }
}
