import CFuse3
import Glibc
import SystemPackage
import Testing

@testable import FuseServer

@Suite struct WireFormatTests {
    @Test("attributes keep their values, times before 1970 and nanoseconds included")
    func attributes() {
        var status = stat()
        status.st_ino = 42
        status.st_size = 1 << 40
        status.st_mode = S_IFREG | 0o644
        status.st_nlink = 3
        status.st_mtim = timespec(tv_sec: -5, tv_nsec: 999_999_999)
        let wire = Attributes(status, timeout: 1.25).wire
        #expect(wire.ino == 42)
        #expect(wire.size == 1 << 40)
        #expect(wire.mode == S_IFREG | 0o644)
        #expect(wire.nlink == 3)
        #expect(Int64(bitPattern: wire.mtime) == -5)
        #expect(wire.mtimensec == 999_999_999)
    }

    @Test("a timeout is whole seconds and nanoseconds", arguments: [0, 0.5, 1, 1.25, 3600.125])
    func timeouts(seconds: Double) {
        let entry = Entry(
            node: NodeID(rawValue: 7), attributes: Attributes(stat(), timeout: seconds), timeout: seconds)
        let wire = entry.wire
        #expect(Double(wire.entry_valid) + Double(wire.entry_valid_nsec) / 1e9 == seconds)
        #expect(Double(wire.attr_valid) + Double(wire.attr_valid_nsec) / 1e9 == seconds)
    }

    @Test("an absence is node 0")
    func absence() {
        let entry = Entry(node: nil, attributes: Attributes(stat(), timeout: 0), timeout: 10)
        #expect(entry.wire.nodeid == 0)
        #expect(entry.parameter.ino == 0)
    }

    @Test("an open says its backing file only where it has one")
    func open() {
        let plain = OpenReply(handle: HandleID(rawValue: 9), flags: .keepCache)
        #expect(plain.wire.backing_id == 0)
        let passed = OpenReply(handle: HandleID(rawValue: 9), flags: .passthrough, backing: BackingID(rawValue: 4))
        #expect(passed.wire.backing_id == 4)
        #expect(passed.wire.open_flags == 128)
        #expect(passed.wire.fh == 9)
    }

    @Test("a status with a birth time says so, and keeps the device's numbers")
    func extendedStatus() {
        var status = stat()
        status.st_rdev = 0x1111_2c70
        let known = ExtendedStatus(Attributes(status, timeout: 1), birth: timespec(tv_sec: -1, tv_nsec: 5)).wire
        #expect(known.mask == 0xfff)
        #expect(known.btime.seconds == -1)
        #expect(known.rdev_major == 300)
        #expect(known.rdev_minor == 70000)
        #expect(ExtendedStatus(Attributes(status, timeout: 1), birth: nil).wire.mask == 0x7ff)
    }
}
