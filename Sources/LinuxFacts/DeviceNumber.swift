/// A device number as the kernel prints it: `254:0`.
package struct DeviceNumber: Hashable, Sendable, CustomStringConvertible {
    /// The driver's number.
    package let major: UInt32
    /// The device's number with that driver.
    package let minor: UInt32

    /// A number from its halves.
    package init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// A number from a dev_t, st_dev.
    package init(_ device: UInt64) {
        major = UInt32(truncatingIfNeeded: device >> 32 & ~0xfff | device >> 8 & 0xfff)
        minor = UInt32(truncatingIfNeeded: device >> 12 & ~0xff | device & 0xff)
    }

    /// A number from `major:minor` in decimal; nil where the text is anything else.
    package init?(_ text: some StringProtocol) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, let major = UInt32(halves[0]), let minor = UInt32(halves[1]) else { return nil }
        self.init(major: major, minor: minor)
    }

    /// `major:minor`.
    package var description: String { "\(major):\(minor)" }
}
