package import FolioPolicy

/// JSON as bytes, appended to value by value. What is appended is kept as it is: commas and brackets are the caller's.
package struct JSONBuffer: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Bytes written so far.
    package private(set) var count = 0

    /// An empty buffer with room for `capacity` bytes.
    package init(capacity: Int = 1 << 16) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// The bytes written so far.
    package var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

    /// The bytes written so far, as a text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Forgets what was written, and keeps the room.
    package mutating func removeAll() { count = 0 }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: base, count: count)
        base.deallocate()
        (base, capacity) = (moved, larger)
    }

    /// One byte.
    @inline(__always)
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count += 1
    }

    /// Bytes as they are.
    @inline(__always)
    package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).update(from: start, count: bytes.count)
        count += bytes.count
    }

    /// A fixed text as it is, which is JSON already, or has nothing to be escaped.
    @inline(__always)
    package mutating func append(_ text: FixedText) {
        text.withUTF8 { append($0) }
    }

    /// A number in decimal.
    package mutating func append(number: Int) {
        reserve(20)
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        var digits = 1
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = number.magnitude
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            base[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    /// A text without quotes around it, escaped as a string of JSON needs it.
    package mutating func append(escaped text: String) {
        var text = text
        text.withUTF8 { append(escaped: $0) }
    }

    private mutating func append(escaped bytes: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for (place, byte) in bytes.enumerated()
        where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            append(UnsafeBufferPointer(rebasing: bytes[start..<place]))
            start = place + 1
            append(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\n"): append(UInt8(ascii: "n"))
            case UInt8(ascii: "\t"): append(UInt8(ascii: "t"))
            case UInt8(ascii: "\r"): append(UInt8(ascii: "r"))
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
            default:
                append("u00")
                append(Self.hexadecimal(byte >> 4))
                append(Self.hexadecimal(byte & 15))
            }
        }
        append(UnsafeBufferPointer(rebasing: bytes[start...]))
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }

    /// A text as a string, null where there is none.
    package mutating func append(string text: String?) {
        guard let text else {
            append("null")
            return
        }
        append(UInt8(ascii: "\""))
        append(escaped: text)
        append(UInt8(ascii: "\""))
    }

    /// A list of strings.
    package mutating func append(strings: [String]) {
        append(UInt8(ascii: "["))
        for (index, text) in strings.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            append(string: text)
        }
        append(UInt8(ascii: "]"))
    }

    /// A number in hexadecimal, with 0x before it.
    package mutating func append(hexadecimal number: UInt64) {
        append("0x")
        var shift = max(60 - number.leadingZeroBitCount / 4 * 4, 0)
        while true {
            append(Self.hexadecimal(UInt8(truncatingIfNeeded: number >> UInt64(shift) & 15)))
            if shift == 0 { return }
            shift -= 4
        }
    }
}
