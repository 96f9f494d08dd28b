import Testing

@testable import LinuxFacts

@Suite("Device numbers")
struct DeviceNumberTests {
    @Test(
        "a number from st_dev",
        arguments: [
            (UInt64(0x2a), "0:42"), (0xfe00, "254:0"), (0x1111_0370, "259:70000"), (0x1000_0003_8803, "5000:3"),
        ])
    func device(number: UInt64, text: String) {
        #expect(DeviceNumber(number).description == text)
    }
}
