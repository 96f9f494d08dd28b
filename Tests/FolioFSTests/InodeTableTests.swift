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

    private func lookUp(_ table: InodeTable, _ name: String, in parent: FolioFS.Inode? = nil) throws -> FolioFS.Inode {
        let parent = parent ?? table.root
        return try parent.withPath { directory throws(Errno) in
            try table.lookUp(name, in: parent, directory).inode
        }
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

    @Test("no descriptor is held for a file, and only as many as the limit allows for directories")
    func descriptors() throws {
        let directory = TemporaryDirectory()
        for index in 0..<200 { mkdir(directory.path + "/d\(index)", 0o755) }
        for index in 0..<20 { directory.write("f\(index)", [UInt8](repeating: 1, count: index)) }
        let table = try table(directory, limit: 64)
        for (index, inode) in try (0..<20).map({ try lookUp(table, "f\($0)") }).enumerated() {
            #expect(Int(try inode.status().st_size) == index)
        }
        #expect(table.budget.paths.count <= 1)
        let directories = try (0..<200).map { try lookUp(table, "d\($0)") }
        for inode in directories + directories { #expect(try inode.status().st_nlink >= 1) }
        #expect(table.budget.paths.count <= 16)
    }

    @Test("a file that took the place of another is another inode")
    func replaced() throws {
        let directory = TemporaryDirectory()
        directory.write("a", [1])
        let table = try table(directory, limit: 100)
        let first = try lookUp(table, "a")
        let held = try first.open(O_RDONLY)
        defer { close(held) }
        unlink(directory.path + "/a")
        directory.write("a", [2, 3])
        let second = try lookUp(table, "a")
        #expect(first !== second)
        #expect(try second.status().st_size == 2)
        if first.isKeptByHandle { #expect(try first.status().st_nlink == 0) }
    }

    @Test("an address that is no inode's is not taken for one, and one that is is")
    func untrustedNodes() throws {
        let directory = TemporaryDirectory()
        directory.write("a", [1])
        let table = try table(directory, limit: 100)
        let node = try lookUp(table, "a").node
        #expect(table.inode(ofUntrusted: node)?.node == node)
        #expect(table.inode(ofUntrusted: .root) === table.root)
        for address in [0, 2, 16, node.rawValue + 1, node.rawValue + 16, node.rawValue | 1 << 60, UInt64.max] {
            #expect(table.inode(ofUntrusted: NodeID(rawValue: address)) == nil)
        }
        table.forget(node, count: 1)
        #expect(table.inode(ofUntrusted: node) == nil)
    }

    @Test("an inode at the address of a forgotten one has another generation")
    func generations() throws {
        let directory = TemporaryDirectory()
        directory.write("a", [1])
        let table = try table(directory, limit: 100)
        var seen: Set<[UInt64]> = []
        for _ in 0..<1000 {
            let inode = try lookUp(table, "a")
            #expect(inode.generation != 0)
            #expect(seen.insert([inode.node.rawValue, inode.generation]).inserted)
            table.forget(inode.node, count: 1)
        }
    }

    @Test("a directory's parent is found, and not where it has left the source")
    func parents() throws {
        let (directory, outside) = (TemporaryDirectory(), TemporaryDirectory())
        mkdir(directory.path + "/a", 0o755)
        mkdir(directory.path + "/a/b", 0o755)
        let table = try table(directory, limit: 100)
        let above = try lookUp(table, "a")
        let inode = try lookUp(table, "b", in: above)
        #expect(try table.parent(of: inode) === above)
        #expect(try table.parent(of: above) === table.root)
        #expect(try table.parent(of: table.root) === table.root)
        #expect(above.lookups == (above.isKeptByHandle ? 1 : 2))
        #expect(rename(directory.path + "/a", outside.path + "/a") == 0)
        if inode.isKeptByHandle {
            #expect(throws: Errno.staleNFSFileHandle) { try table.parent(of: inode) }
            #expect(throws: Errno.staleNFSFileHandle) { try table.parent(of: above) }
        }
    }

    @Test("an inode is found by the handle that the kernel reports for it")
    func knownByHandle() throws {
        let directory = TemporaryDirectory()
        directory.write("a", [1])
        directory.write("b", [1])
        let table = try table(directory, limit: 100)
        guard table.root.filesystem.opensHandles else { return }
        let inode = try lookUp(table, "a")
        let id = table.root.filesystem.id
        for (name, expected) in [("a", [inode.node]), ("b", [])] {
            var handle = folio_handle()
            var mount: Int32 = 0
            #expect(folio_name_handle(table.mount, name, &handle, &mount) == 0)
            let found = InodeKey.with(&handle) { table.known(handleType: $0.type, handle: $0.bytes, filesystem: id) }
            #expect(found.map(\.node) == expected)
        }
        #expect(inode.lookups == 1)
        var all: Set<NodeID> = []
        table.forEachKnown { all.insert($0.node) }
        #expect(all == [.root, inode.node])
    }
}

@Suite struct InodeShardTests {
    @Test("what was put in and not taken out is found, whatever came between", arguments: [1, 2, 3])
    func model(seed: UInt64) throws {
        let directory = TemporaryDirectory()
        let table = try InodeTable(source: open(directory.path, O_RDONLY | O_CLOEXEC), descriptorLimit: 100)
        let status = try SourceStatus(table.mount)
        var shard = InodeShard()
        defer { shard.deallocate() }
        var random = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func next(_ bound: UInt64) -> UInt64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return random % bound
        }
        // Few hashes that differ in few bits: long runs, and wraps at the end.
        var model: [(hash: UInt64, inode: FolioFS.Inode)] = []
        for step in 0..<4000 {
            let growing = step < 1500 ? 4 : 2
            if model.isEmpty || next(6) < UInt64(growing) {
                let hash = next(3) == 0 ? next(8) << 44 | 0xfff << 52 : next(.max)
                let inode = withUnsafeBytes(of: UInt64(step)) {
                    FolioFS.Inode(
                        InodeKey(type: InodeKey.byNumber, bytes: $0), on: table.root.filesystem,
                        number: status.number, type: S_IFDIR, generation: UInt64(step))
                }
                shard.insert(hash, inode)
                model.append((hash, inode))
            } else {
                let gone = model.remove(at: Int(next(UInt64(model.count))))
                shard.remove(gone.hash, gone.inode)
                #expect(shard.find(gone.hash) { $0 === gone.inode } == nil)
                // Once more changes nothing.
                shard.remove(gone.hash, gone.inode)
            }
            #expect(shard.count == model.count)
            if step % 50 == 0 {
                for (hash, inode) in model { #expect(shard.find(hash) { $0 === inode } === inode) }
            }
        }
        var all: Set<ObjectIdentifier> = []
        shard.forEach { all.insert(ObjectIdentifier($0)) }
        #expect(all == Set(model.map { ObjectIdentifier($0.inode) }))
    }
}
