import CFuse3
import Glibc
import SystemPackage
import Testing

@testable import FuseServer

@Suite struct RawRequestTests {
    /// A request of `opcode` with `body`, and `groups` as its extension.
    private func bytes(_ opcode: UInt32, _ body: [UInt8], groups: [UInt32] = []) -> [UInt8] {
        var tail: [UInt8] = []
        if !groups.isEmpty {
            var words = [UInt32(16 + (groups.count - 1) * 4 + 7) & ~7, 32, UInt32(groups.count)] + groups
            if words.count % 2 == 1 { words.append(0) }
            tail = words.withUnsafeBytes(Array.init)
        }
        let header = folio_fuse_in_header(
            len: UInt32(40 + body.count + tail.count), opcode: opcode, unique: 7, nodeid: 1, uid: 5, gid: 6, pid: 0,
            extensions: UInt16(tail.count / 8), padding: 0)
        return withUnsafeBytes(of: header, Array.init) + body + tail
    }

    private func reading<Value>(_ bytes: [UInt8], _ body: (RawRequest?) -> Value) -> Value {
        var bytes = bytes
        return bytes.withUnsafeMutableBytes { body(RawRequest($0)) }
    }

    @Test("a request is as long as it says, or it is none")
    func length() {
        let whole = bytes(1, Array("name\0".utf8))
        #expect(reading(whole) { $0?.header.opcode } == 1)
        #expect(reading(whole.dropLast()) { $0 == nil })
        #expect(reading(whole + [0]) { $0 == nil })
        #expect(reading(Array(whole.prefix(39))) { $0 == nil })
    }

    @Test("the directory's group is read from the extensions, and they are no part of the body")
    func group() {
        let request = bytes(9, [UInt8](repeating: 0, count: 8) + Array("name\0\0\0\0".utf8), groups: [4711])
        #expect(reading(request) { $0?.directoryGroup } == 4711)
        #expect(reading(request) { $0?.body.count } == 16)
        #expect(reading(bytes(9, [0, 0])) { $0?.directoryGroup } == nil)
    }

    @Test("an extension longer than the request is none")
    func brokenExtension() {
        var request = bytes(9, [UInt8](repeating: 0, count: 16), groups: [1])
        request[56] = 200
        #expect(reading(request) { $0?.directoryGroup } == nil)
    }

    @Test(
        "a request without all that its operation reads does not hold",
        arguments: [
            (1, Array("name".utf8)), (6, Array("one\0two".utf8)), (16, [UInt8](repeating: 9, count: 50)),
            (35, [UInt8](repeating: 0, count: 15)), (3, []), (42, [255, 0, 0, 0, 0, 0, 0, 0]), (26, [7, 0, 0, 0]),
        ] as [(UInt32, [UInt8])])
    func incomplete(opcode: UInt32, body: [UInt8]) {
        #expect(reading(bytes(opcode, body)) { $0.map(RequestShape.holds) } == false)
    }

    @Test(
        "a complete request holds, and so does one of an unknown operation",
        arguments: [
            (1, Array("name\0".utf8)), (6, Array("one\0two\0".utf8)), (3, [UInt8](repeating: 0, count: 16)),
            (5, []), (35, [UInt8](repeating: 0, count: 16) + [65, 0]), (999, []),
        ] as [(UInt32, [UInt8])])
    func complete(opcode: UInt32, body: [UInt8]) {
        #expect(reading(bytes(opcode, body)) { $0.map(RequestShape.holds) } == true)
    }
}
