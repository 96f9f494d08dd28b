import FolioPolicy
import Foundation
import SystemPackage
import Testing

@testable import FolioCapability

@Suite("A directory of manifests")
struct ManifestDirectoryTests {
    static let row = "\n[[capability]]\norders = \"none\"\nsource = \"s\"\nconfidence = \"read\"\n"

    /// A new directory with `text` as NAME/capability.toml, which is gone afterwards.
    private func with(_ texts: [String: String], _ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "foliofs-plugins-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, text) in texts {
            let plugin = directory.appending(path: name)
            try FileManager.default.createDirectory(at: plugin, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: plugin.appending(path: "capability.toml"))
            chmod(plugin.appending(path: "capability.toml").path, 0o644)
            chmod(plugin.path, 0o755)
        }
        chmod(directory.path, 0o755)
        try body(directory.path)
    }

    @Test("wins over the built-in ones, and leaves the others as they are")
    func wins() throws {
        try with(["mine": "filesystem = \"xfs\"" + Self.row, "new": "filesystem = \"zfs\"" + Self.row]) { path in
            let registry = try CapabilityRegistry(searchPath: [FilePath(path)])
            let kernel = KernelFacts(version: KernelVersion(7, 3))
            for type in ["xfs", "zfs"] {
                let answer = registry.capability(
                    filesystem: FilesystemFacts(type: type), file: FileFacts(size: nil), kernel: kernel)
                #expect(answer.orders == OrderCapability.none)
            }
            #expect(registry.manifest(for: "ext3")?.filesystem == "ext4")
            #expect(registry.manifest(for: "xfs")?.file == path + "/mine/capability.toml")
        }
    }

    @Test("that others can write is refused, and so is a manifest")
    func refused() throws {
        try with(["mine": "filesystem = \"xfs\"" + Self.row]) { path in
            for writable in [path, path + "/mine", path + "/mine/capability.toml"] {
                chmod(writable, 0o777)
                let error = try #require(throws: ManifestError.self) {
                    try CapabilityRegistry(searchPath: [FilePath(path)])
                }
                #expect(error.description.hasPrefix("\(writable): refused, because others"))
                chmod(writable, 0o755)
            }
        }
    }

    @Test("with a manifest that is wrong says which, where")
    func wrong() throws {
        try with(["mine": "filesystem = 3" + Self.row]) { path in
            let error = try #require(throws: ManifestError.self) {
                try CapabilityRegistry(searchPath: [FilePath(path)])
            }
            #expect(error.description.hasPrefix("\(path)/mine/capability.toml:1:14: filesystem is a string"))
        }
    }

    @Test("that is not there is an error")
    func absent() throws {
        let error = try #require(throws: ManifestError.self) {
            try CapabilityRegistry(searchPath: ["/nonexistent/plugins"])
        }
        #expect(error.description == "/nonexistent/plugins: cannot look at: ENOENT")
    }

    @Test("the example of the guide is a manifest, and its own example holds")
    func guide() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let guide = try String(contentsOf: root.appending(path: "docs/PLUGINS.md"), encoding: .utf8)
        let text = try #require(guide.components(separatedBy: "```toml\n").last?.components(separatedBy: "```").first)
        let manifest = try Manifest.parse(text, file: "guide")
        #expect(try CapabilityRegistry().failures(of: manifest).isEmpty)
    }
}
