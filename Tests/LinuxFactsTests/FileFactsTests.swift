import FolioPolicy
import Foundation
import LinuxFacts
import SystemPackage
import Testing

@Suite("files and filesystems")
struct FileFactsTests {
    private func withFile<Result>(_ content: [UInt8], mode: Int = 0o644, _ body: (FilePath) throws -> Result) throws
        -> Result
    {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("facts-\(UUID().uuidString)")
        try Data(content).write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(FilePath(url.path))
    }

    @Test("a plain file has its size and is neither executable nor immutable")
    func plain() throws {
        try withFile([1, 2, 3]) { path in
            let facts = try FactReader().file(path)
            #expect(facts.size == 3)
            #expect(facts.regular == true)
            #expect(facts.executable == false)
            #expect(facts.inodeFlags?.contains("immutable") == false)
        }
    }

    @Test("an execute bit or ELF's magic makes a file executable")
    func executable() throws {
        let reader = try FactReader()
        #expect(try withFile([1], mode: 0o755) { try reader.file($0).executable } == true)
        #expect(try withFile([0x7f, 0x45, 0x4c, 0x46]) { try reader.file($0).executable } == true)
        #expect(try withFile([0x7f, 0x45]) { try reader.file($0).executable } == false)
    }

    @Test("a writer is seen as long as it is there")
    func writer() throws {
        let reader = try FactReader()
        try withFile([1, 2]) { path in
            #expect(try reader.file(path).openForWrite == false)
            let writer = try FileDescriptor.open(path, .writeOnly)
            #expect(try reader.file(path).openForWrite == true)
            try writer.close()
            #expect(try reader.file(path).openForWrite == false)
        }
    }

    @Test("a directory is not regular, and what is not there says so in a sentence")
    func others() throws {
        let reader = try FactReader()
        #expect(try reader.file("/tmp").regular == false)
        let error = #expect(throws: LinuxError.self) { try reader.file("/nonexistent/file") }
        #expect(error?.description == "cannot stat /nonexistent/file: ENOENT")
        #expect(throws: LinuxError.self) { try reader.filesystem(of: "/nonexistent") }
    }

    @Test("/proc is a filesystem of its own with no layers")
    func proc() throws {
        let facts = try FactReader().filesystem(of: "/proc/self/status")
        #expect(facts.type == "proc")
        #expect(facts.layers.isEmpty)
        #expect((facts.blockSize ?? 0) > 0)
        #expect(facts.readOnly != nil)
    }

    @Test("the mount id of statx is the one of mountinfo")
    func mountID() throws {
        let id = try #require(try FileStatus.read("/proc/self/status").mountID)
        #expect(try MountTable.read().mount(id: id)?.type == "proc")
    }

    @Test("the kernel's facts name the options that rules ask about, or leave them unknown")
    func kernel() throws {
        let reader = try FactReader()
        let kernel = reader.kernel()
        #expect(kernel.version != nil)
        if reader.fallbackOrigin != .unknown { #expect(kernel.config["READ_ONLY_THP_FOR_FS"] != nil) }
    }

    @Test("superblock features of ext4 have their names")
    func superblock() throws {
        let superblock = try #require(Ext4Superblock.parse(try Sample.bytes("ext4-encrypt-verity.superblock")))
        #expect(superblock.blockSize == 1024)
        #expect(superblock.features.isSuperset(of: ["encrypt", "verity", "extent", "metadata_csum"]))
        #expect(!superblock.features.contains("has_journal"))
        #expect(Ext4Superblock.parse([UInt8](repeating: 0, count: 128)) == nil)
        #expect(Ext4Superblock.parse([]) == nil)
    }

    @Test("a mounted ext4 tells its features from 6.18 on, without privilege")
    func mountedFeatures() throws {
        let reader = try FactReader()
        let facts = try reader.filesystem(of: "/")
        guard facts.type == "ext4", let version = reader.release.version, version >= KernelVersion(6, 19) else {
            return
        }
        #expect(facts.superblockFeatures?.contains("extent") == true)
    }

    @Test("inode flags have the policy's words")
    func flags() {
        #expect(InodeFlags([.immutable, .journalData]).names == ["immutable", "journal-data"])
        #expect(InodeFlags(rawValue: 0x80000).names.isEmpty)
    }

    @Test("small files are read whole, also where their size says 0")
    func text() throws {
        #expect(try TextFile.read("/proc/self/status").hasPrefix("Name:"))
        #expect(try TextFile.bytes("/proc/self/status", first: 4) == Array("Name".utf8))
        #expect(throws: Errno.noSuchFileOrDirectory) { try TextFile.read("/nonexistent") }
        #expect(Errno.invalidArgument.name == "EINVAL")
        #expect(Errno(rawValue: 9999).name == "errno 9999")
    }
}
