import Testing

@testable import FuseServer

@Suite struct CapabilitiesTests {
    @Test("capabilities are named as libfuse's options are")
    func names() {
        #expect(Capabilities([.posixLocks, .passthrough]).description == "posix_locks passthrough")
        #expect(Capabilities([]).description.isEmpty)
    }

    @Test("passthrough is the protocol's bit 37")
    func passthrough() {
        #expect(Capabilities.passthrough.rawValue == 1 << 37)
    }

    @Test("libfuse is asked by its own numbers, and only for what it knows")
    func library() {
        #expect(Capabilities([.posixACL, .asyncRead]).library == 1 << 19 | 1)
        #expect(Capabilities([.handleKillPrivilege2, .createSupplementaryGroup, .passthrough]).library == 0)
    }
}
