import CLinuxShims
import FuseServer
import Testing

@testable import FolioFS

/// What fanotify(7) said on Linux 6.18 of a tmpfs: `echo hi > a; mv a b; chmod 600 b; mkdir d; chmod 700 d; rmdir d;
/// ln b c; rm b c`, read(2) of a group with FAN_REPORT_FID|DFID_NAME|TARGET_FID, in hexadecimal.
private let recorded = """
    5c000000030018000a01000000000000ffffffff235e000002002400b307d631995551630c000000\
    0100000037731a4601000000000000006100000001002000b307d631995551630c00000001000000\
    c83179a002000000000000005c000000030018004000000000000000ffffffff245e000002002400\
    b307d631995551630c0000000100000037731a460100000000000000610000000100\
    2000b307d631\
    995551630c00000001000000c83179a002000000000000005c000000030018008000000000000000\
    ffffffff245e000002002400b307d631995551630c0000000100000037731a4601000000000000\
    006200000001002000b307d631995551630c00000001000000c83179a002000000000000005c0000\
    00030018000400000000000000ffffffff255e000002002400b307d631995551630c000000010000\
    0037731a4601000000000000006200000001002000b307d631995551630c00000001000000c83179\
    a002000000000000005c000000030018000001004000000000ffffffff265e000002002400b307d6\
    31995551630c0000000100000037731a4601000000000000006400000001002000b307d631995551\
    630c0000000100000062a1058f03000000000000003c000000030018000400004000000000ffffff\
    ff285e000002002400b307d631995551630c0000000100000062a1058f03000000000000002e0000\
    003c000000030018000004004000000000ffffffff2a5e000002002400b307d631995551630c0000\
    000100000062a1058f03000000000000002e0000005c000000030018000002004000000000ffffff\
    ff2a5e000002002400b307d631995551630c0000000100000037731a460100000000000000640000\
    0001002000b307d631995551630c0000000100000062a1058f030000000000000038000000030018\
    000400000000000000ffffffff2b5e000001002000b307d631995551630c00000001000000c83179\
    a002000000000000005c000000030018000001000000000000ffffffff2b5e000002002400b307d6\
    31995551630c0000000100000037731a4601000000000000006300000001002000b307d631995551\
    630c00000001000000c83179a0020000000000000038000000030018000404000000000000ffffff\
    ff2c5e000001002000b307d631995551630c00000001000000c83179a002000000000000005c0000\
    00030018000002000000000000ffffffff2c5e000002002400b307d631995551630c000000010000\
    0037731a4601000000000000006200000001002000b307d631995551630c00000001000000c83179\
    a002000000000000005c000000030018000002000000000000ffffffff2c5e000002002400b307d6\
    31995551630c0000000100000037731a4601000000000000006300000001002000b307d631995551\
    630c00000001000000c83179a00200000000000000
    """

private func bytes(_ text: String) -> [UInt8] {
    let digits = Array(text)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
}

@Suite("fanotify records")
struct FanotifyEventTests {
    private static let root: [UInt8] = bytes("37731a460100000000000000")
    private static let file: [UInt8] = bytes("c83179a00200000000000000")
    private static let directory: [UInt8] = bytes("62a1058f0300000000000000")

    @Test("every recorded change is told with its directory, its name and its file")
    func decode() {
        var said: [String] = []
        bytes(recorded).withUnsafeBytes { buffer in
            for event in FanotifyRecords(buffer) {
                #expect(event.directory.map { $0.fsid == 0x6351_5599_31d6_07b3 } ?? true)
                #expect(event.directory.map { $0.type == 1 } ?? true)
                let names: [[UInt8]: String] = [Self.root: "root", Self.file: "file", Self.directory: "directory"]
                let file = event.file.flatMap { names[Array($0.bytes)] } ?? "-"
                let directory = event.directory.flatMap { names[Array($0.bytes)] } ?? "-"
                let name = event.name.map { String(decoding: $0, as: UTF8.self) } ?? "-"
                said.append("\(String(event.mask & 0xffff, radix: 16)) \(file) \(directory) \(name)")
            }
        }
        #expect(
            said == [
                "10a file root a", "40 file root a", "80 file root b", "4 file root b", "100 directory root d",
                "4 directory directory -", "400 directory directory -", "200 directory root d", "4 file - -",
                "100 file root c", "404 file - -", "200 file root b", "200 file root c",
            ])
    }

    @Test("a record cut short, or that names more than it has, ends the reading and is read no further")
    func truncated() {
        let whole = bytes(recorded)
        for length in 0..<whole.count {
            whole[..<length].withUnsafeBytes { buffer in
                for event in FanotifyRecords(buffer) { #expect(event.mask != 0) }
            }
        }
        for place in whole.indices {
            var broken = whole
            broken[place] = 0xff
            broken.withUnsafeBytes { buffer in
                var count = 0
                for event in FanotifyRecords(buffer) { count += event.name?.count ?? 1 }
                #expect(count < whole.count)
            }
        }
    }

    @Test("what the kernel is to forget is each thing once, and only what it knows")
    func invalidations() {
        let nodes: [[UInt8]: [NodeID]] = [Self.root: [.root], Self.file: [NodeID(rawValue: 20)]]
        var changes = Invalidations()
        bytes(recorded).withUnsafeBytes { buffer in
            for event in FanotifyRecords(buffer) { changes.add(event) { nodes[Array($0.bytes)] ?? [] } }
        }
        #expect(changes.nodes == [.root: true, NodeID(rawValue: 20): true])
        #expect(Set(changes.names.map { String(decoding: $0.bytes, as: UTF8.self) }) == ["a", "b", "c", "d"])
        #expect(changes.names.allSatisfy { $0.parent == .root })
        #expect(!changes.everything)
    }

    @Test("an overflow concerns everything")
    func overflow() {
        let event = FanotifyEvent(
            mask: UInt64(FOLIO_FAN_Q_OVERFLOW), process: 0, file: nil, directory: nil, name: nil)
        var changes = Invalidations()
        changes.add(event) { _ in [] }
        #expect(changes.everything && !changes.isEmpty)
    }
}
