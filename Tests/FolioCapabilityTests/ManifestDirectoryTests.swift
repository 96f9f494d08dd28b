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

    @Test("every manifest in the guide is valid, and its own examples hold")
    func guide() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let guide = try String(contentsOf: root.appending(path: "docs/PLUGINS.md"), encoding: .utf8)
        let blocks = guide.components(separatedBy: "```toml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(blocks.count >= 3)
        for text in blocks {
            let problems = Manifest.problems(text, file: "guide", registry: try CapabilityRegistry())
            #expect(problems.map(\.description) == [])
        }
    }

    @Test("a template is valid under any name", arguments: PluginTemplate.allCases, ["myfs", "9p", "my-fs.2"])
    func template(template: PluginTemplate, name: String) throws {
        let files = template.files(name: name)
        let text = try #require(files.first { $0.path == "capability.toml" }?.text)
        let problems = Manifest.problems(text, file: name, registry: try CapabilityRegistry())
        #expect(problems.map(\.description) == [])
        #expect(try Manifest.parse(text, file: name).filesystem == name)
        #expect(files.contains { $0.path == "include/folio_plugin.h" } == (template != .manifest))
        #expect(files.contains { $0.path == "FolioPluginKit/PluginTable.swift" } == (template == .swift))
        #expect(!files.contains { $0.text.contains("examplefs") && !$0.path.hasPrefix("include/") })
    }

    @Test(
        "a plugin's name is a file's name",
        arguments: [("ext4", true), ("fuse.sshfs", true), ("../x", false), (".x", false), ("", false), ("a b", false)])
    func names(name: String, isName: Bool) { #expect(PluginTemplate.isName(name) == isName) }
}
