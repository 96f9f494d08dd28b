import FolioPolicy
import Testing

@testable import FolioCapability

@Suite("The built-in manifests")
struct BuiltInManifestTests {
    @Test("there is one for each filesystem of Plugins")
    func present() throws {
        let names = Set(try CapabilityRegistry().manifests.map(\.filesystem))
        for name in ["ext4", "xfs", "btrfs", "f2fs", "tmpfs", "erofs", "squashfs", "overlay", "nfs", "fuse"] {
            #expect(names.contains(name))
        }
    }

    @Test("there are at least thirty filesystems, each in a folder of its name")
    func many() throws {
        let manifests = try CapabilityRegistry().manifests
        #expect(manifests.count >= 30)
        for manifest in manifests { #expect(manifest.file == "Plugins/\(manifest.filesystem)/capability.toml") }
        let types = manifests.flatMap { [$0.filesystem] + $0.aliases }
        #expect(Set(types).count == types.count)
    }

    @Test("the schema and every lint rule agree with each", arguments: CapabilityRegistry.builtInTexts.map(\.file))
    func valid(file: String) throws {
        let text = try #require(CapabilityRegistry.builtInTexts.first { $0.file == file }?.text)
        let problems = Manifest.problems(text, file: file, registry: try CapabilityRegistry())
        #expect(problems.map(\.description) == [])
    }

    @Test("every example holds")
    func examples() throws {
        let registry = try CapabilityRegistry()
        for manifest in registry.manifests {
            #expect(!manifest.examples.isEmpty, "\(manifest.file) has no example")
            #expect(registry.failures(of: manifest).map(\.description) == [])
        }
    }

    @Test(
        "each speaks for its aliases",
        arguments: [
            ("ext3", "ext4"), ("nfs4", "nfs"), ("fuseblk", "fuse"), ("fuse.sshfs", "fuse"), ("fuse.foliofs", "fuse"),
        ])
    func aliases(type: String, filesystem: String) throws {
        #expect(try CapabilityRegistry().manifest(for: type)?.filesystem == filesystem)
    }

    @Test("a filesystem that no manifest speaks for is unknown, and so is none at all")
    func unknown() throws {
        let registry = try CapabilityRegistry()
        let kernel = KernelFacts(version: KernelVersion(6, 18))
        for (type, missing) in [("zfs", "filesystem.capability"), (nil, "filesystem.type")] {
            let answer = registry.capability(
                filesystem: FilesystemFacts(type: type), file: FileFacts(size: nil), kernel: kernel)
            #expect(answer.orders == .unknown)
            #expect(answer.missing == [missing])
        }
    }
}
