import CFuse3
import FuseServer
import Glibc
import Synchronization
import Testing

@testable import FolioFS

/// A pipe in place of /dev/fuse, and what was written to it.
private final class Device {
    let input: Int32
    private let output: Int32

    init() {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        (output, input) = (ends[0], ends[1])
    }

    deinit {
        close(input)
        close(output)
    }

    /// The code of the next notification and its first word; nil: none within `milliseconds`.
    func next(within milliseconds: Int32) -> [UInt64]? {
        var wanted = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, milliseconds) > 0 else { return nil }
        var header = folio_fuse_out_header()
        #expect(read(output, &header, 16) == 16)
        var body = [UInt64](repeating: 0, count: 8)
        #expect(header.unique == 0)
        #expect(read(output, &body, Int(header.len) - 16) == Int(header.len) - 16)
        return [UInt64(header.error), body[0]]
    }
}

@Suite("sending invalidations")
struct InvalidationSenderTests {
    private let node = NodeID(rawValue: 7)

    private func sender(_ device: Device, _ inFlight: AnswersInFlight, minor: UInt32 = 45) throws -> InvalidationSender
    {
        try InvalidationSender(
            InvalidationSender.Target(
                notifier: Notifier(device: device.input, protocolMinor: minor), inFlight: inFlight,
                everyNode: { body in for number in 20..<23 { body(NodeID(rawValue: UInt64(number))) } }))
    }

    @Test("where answers may be on their way, everything is said three times")
    func repeated() throws {
        let device = Device()
        let sender = try sender(device, AnswersInFlight())
        sender.start()
        defer { sender.stop() }
        var changes = Invalidations()
        changes.add(node, data: false)
        changes.add(node, data: true)
        changes.add(Array("name".utf8), in: .root)
        sender.send(changes)
        for _ in 0..<3 {
            let entry = UInt64(FOLIO_FUSE_NOTIFY_ENTRY)
            #expect(device.next(within: 10_000) == [entry, NodeID.root.rawValue])
            let inode = UInt64(FOLIO_FUSE_NOTIFY_INODE)
            #expect(device.next(within: 10_000) == [inode, node.rawValue])
        }
        #expect(device.next(within: 300) == nil)
        #expect(sender.sent == 6)
    }

    @Test("an overflow expires every name and invalidates every node")
    func everything() throws {
        let device = Device()
        let sender = try sender(device, AnswersInFlight())
        sender.start()
        defer { sender.stop() }
        var changes = Invalidations()
        changes.everything = true
        sender.send(changes)
        #expect(device.next(within: 10_000)?.first == UInt64(FOLIO_FUSE_NOTIFY_EPOCH))
        for number in 20..<23 {
            #expect(device.next(within: 10_000) == [UInt64(FOLIO_FUSE_NOTIFY_INODE), UInt64(number)])
        }
    }

    @Test("a kernel that cannot expire every name is not asked to")
    func oldKernel() throws {
        let device = Device()
        let sender = try sender(device, AnswersInFlight(), minor: 40)
        sender.start()
        defer { sender.stop() }
        var changes = Invalidations()
        changes.everything = true
        sender.send(changes)
        #expect(device.next(within: 10_000) == [UInt64(FOLIO_FUSE_NOTIFY_INODE), 20])
    }
}
