/// A range of virtual addresses, the end not in it.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    /// The first address.
    package var start: UInt64
    /// The address after the last.
    package var end: UInt64

    /// The addresses from `start` up to, not including, `end`.
    package init(_ start: UInt64, _ end: UInt64) {
        self.start = start
        self.end = max(start, end)
    }

    /// Bytes in the range.
    package var length: Int { Int(clamping: end - start) }

    /// Whether every address of `other` is in this range.
    package func contains(_ other: AddressRange) -> Bool { start <= other.start && other.end <= end }

    /// Whether some address is in both.
    package func overlaps(_ other: AddressRange) -> Bool { start < other.end && other.start < end }

    /// `START-END` in hexadecimal, as /proc/PID/maps has it.
    package var description: String { String(start, radix: 16) + "-" + String(end, radix: 16) }
}
