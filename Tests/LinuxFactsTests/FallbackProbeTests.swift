import FolioPolicy
import SystemPackage
import Testing

@testable import LinuxFacts

@Suite("the probe for READ_ONLY_THP_FOR_FS")
struct FallbackProbeTests {
    @Test(
        "a collapse that is tried never contradicts the configuration",
        arguments: ["/usr/bin/perl", "/usr/bin/python3", "/usr/bin/git", "/bin/bash", "/usr/bin/swift"])
    func agrees(program: FilePath) throws {
        let reader = try FactReader()
        let kernel = reader.kernel()
        guard case .config = reader.fallbackOrigin, let version = kernel.version,
            let filesystem = try? reader.filesystem(of: program)
        else { return }
        let probe = FallbackProbe(version: version, pmdSize: kernel.geometry.pmdSize)
        if let answer = probe.ask(program, filesystem: filesystem) {
            #expect(answer == kernel.config["READ_ONLY_THP_FOR_FS"])
        }
    }

    @Test("kernels without MADV_COLLAPSE or without the option, and shmem, are not asked")
    func notAsked() {
        let ext4 = FilesystemFacts(type: "ext4")
        for version in [KernelVersion(6, 0), KernelVersion(7, 2)] {
            #expect(FallbackProbe(version: version, pmdSize: 2 << 20).ask("/proc/self/exe", filesystem: ext4) == nil)
        }
        let shmem = FilesystemFacts(type: "overlay", layers: [FilesystemFacts(type: "tmpfs")])
        let probe = FallbackProbe(version: KernelVersion(6, 12), pmdSize: 2 << 20)
        #expect(probe.ask("/proc/self/exe", filesystem: shmem) == nil)
    }
}
