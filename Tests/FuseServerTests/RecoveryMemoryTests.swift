import CFuse3
import Glibc
import SystemPackage
import Testing

@testable import FuseServer

@Suite("what daemons hand on") struct RecoveryMemoryTests {
    private let memory: RecoveryMemory

    init() throws {
        memory = try RecoveryMemory(filesystemForm: 1)
        memory.begin()
    }

    /// A request of an operation on a desk of this thread, as the kernel would have written it.
    private func place(_ opcode: UInt32, unique: UInt64 = 2, on number: Int = 0) -> Desk {
        let desk = memory.desk(number)
        var header = folio_fuse_in_header()
        header.len = 40
        header.opcode = opcode
        header.unique = unique
        desk.begins()
        withUnsafeBytes(of: header) { desk.place($0) }
        desk.sit()
        return desk
    }

    private func newNode(_ shard: Int = 0) throws -> UInt32 {
        let (index, generation) = try #require(memory.nodes.allocate(shard))
        memory.nodes.begin(index, generation: generation)
        return index
    }

    @Test("what a request looked up goes when it was not answered, and stays when it was")
    func grants() throws {
        defer { Desk.leave() }
        var desk = place(1)
        let known = try newNode()
        desk.finish()
        #expect(memory.nodes.lookups(known) == 1)
        desk = place(44)
        let fresh = try newNode(7)
        for _ in 0..<3 { memory.nodes.grant(known) }
        #expect(memory.nodes.lookups(known) == 4)
        desk.takeBackGrants(memory.nodes)
        #expect(memory.nodes.lookups(known) == 1)
        #expect(memory.nodes.lookups(fresh) == 0)
        var left: [UInt32] = []
        memory.nodes.takeOver { index, _, _ in left.append(index) }
        #expect(left == [known])
    }

    @Test("a change that was noted and not made is made, and once")
    func redo() throws {
        defer { Desk.leave() }
        let desk = place(1)
        let node = try newNode()
        memory.nodes.grant(node)
        // As if the daemon had ended before the note was taken away, and before the count was stored.
        memory.nodes.record(node).setWord(8, 1)
        desk.base.setWord(56, 1)
        desk.base.setWord(16, 1)
        desk.redo(memory.base)
        #expect(memory.nodes.lookups(node) == 2)
        desk.redo(memory.base)
        #expect(memory.nodes.lookups(node) == 2)
        desk.takeBackGrants(memory.nodes)
        #expect(memory.nodes.lookups(node) == 0)
    }

    @Test("a lookup that came to nothing is not taken back again")
    func revoked() throws {
        defer { Desk.leave() }
        let desk = place(44)
        let (one, other) = (try newNode(1), try newNode(2))
        memory.nodes.giveBack(one, count: 1)
        #expect(memory.nodes.lookups(one) == 0)
        desk.takeBackGrants(memory.nodes)
        #expect(memory.nodes.lookups(one) == 0)
        #expect(memory.nodes.lookups(other) == 0)
    }

    @Test("an answer is left as it is given, unless it is long")
    func reply() {
        defer { Desk.leave() }
        let desk = place(9, unique: 66)
        var bytes = [UInt8](repeating: 7, count: 40)
        bytes.withUnsafeMutableBytes { bytes in
            let vector = [
                iovec(iov_base: bytes.baseAddress, iov_len: 16), iovec(iov_base: bytes.baseAddress, iov_len: 24),
            ]
            desk.record(vector, 2)
        }
        #expect(Array(desk.reply) == bytes)
        #expect(desk.request?.header.unique == 66)
        desk.finish()
        #expect(desk.reply.isEmpty)
        let isOver = desk.request == nil
        #expect(isOver)
        var long = [UInt8](repeating: 7, count: 4096)
        long.withUnsafeMutableBytes { bytes in
            desk.record([iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)], 1)
        }
        #expect(desk.reply.isEmpty)
    }

    @Test("what is handed on is found again by another image of the program, if it has the same form")
    func forms() throws {
        let again = try RecoveryMemory(left: memory.descriptor, filesystemForm: 1)
        #expect(again.daemons == 1)
        #expect(throws: Errno(rawValue: EPROTO)) { try RecoveryMemory(left: memory.descriptor, filesystemForm: 2) }
    }

    @Test("a handle that has ended is none, also when its record has another")
    func handles() throws {
        let index = try #require(memory.handles.allocate())
        let object = UnsafeRawPointer(memory.filesystem)
        let first = memory.handles.begin(index, object)
        #expect(memory.handles.object(first) == object)
        memory.handles.end(first)
        #expect(memory.handles.object(first) == nil)
        let second = memory.handles.begin(try #require(memory.handles.allocate()), object)
        #expect(second != first)
        #expect(memory.handles.object(first) == nil)
        #expect(memory.handles.object(second) == object)
    }
}
