import CLinuxShims
import FuseServer
import Glibc
import SystemPackage
import Testing

@testable import FolioFS

@Suite struct InodeTableTests {
    private func table(_ directory: TemporaryDirectory, limit: Int) throws -> InodeTable {
        try InodeTable(source: open(directory.path, O_RDONLY | O_CLOEXEC), descriptorLimit: limit)
    }

    private func lookUp(_ table: InodeTable, _ name: String) throws -> FolioFS.Inode {
        let path = openat(table.mount, name, SourceFlags.pathOnly | SourceFlags.noFollow)
        try #require(path >= 0)
        var status = stat()
        fstatat(path, "", &status, SourceFlags.emptyPath)
        return table.lookUp(path: path, status)
    }

    @Test("a file with two names is one inode")
    func hardLinks() throws {
        let directory = TemporaryDirectory()
        directory.write("a", [1])
        link(directory.path + "/a", directory.path + "/b")
        let table = try table(directory, limit: 100)
        let first = try lookUp(table, "a")
        let second = try lookUp(table, "b")
        #expect(first === second)
        #expect(first.lookups == 2)
        #expect(table.count == 2)
    }

    @Test("what has been given back as often as it was looked up is forgotten")
    func forget() throws {
        let directory = TemporaryDirectory()
        directory.write("a", [1])
        let table = try table(directory, limit: 100)
        let node = try lookUp(table, "a").node
        _ = try lookUp(table, "a")
        table.forget(node, count: 1)
        #expect(table.count == 2)
        table.forget(node, count: 1)
        #expect(table.count == 1)
        table.forget(.root, count: 1)
        #expect(table.count == 1)
    }

    @Test("beyond the limit no descriptor is held, and the file is reached all the same")
    func handles() throws {
        guard geteuid() == 0 else { return }
        let directory = TemporaryDirectory()
        for index in 0..<20 { directory.write("f\(index)", [UInt8](repeating: 1, count: index)) }
        let table = try table(directory, limit: 4)
        let inodes = try (0..<20).map { try lookUp(table, "f\($0)") }
        for (index, inode) in inodes.enumerated() {
            #expect(Int(try inode.status().st_size) == index)
        }
        #expect(table.descriptors.withLock { $0 } <= 5 || !inodes.contains { !$0.isPinned })
    }

    @Test("a file that took the place of another is another inode")
    func replaced() throws {
        let directory = TemporaryDirectory()
        directory.write("a", [1])
        let table = try table(directory, limit: 100)
        let first = try lookUp(table, "a")
        unlink(directory.path + "/a")
        directory.write("a", [2, 3])
        let second = try lookUp(table, "a")
        #expect(first !== second)
        #expect(try first.status().st_nlink == 0)
        #expect(try second.status().st_size == 2)
    }
}
