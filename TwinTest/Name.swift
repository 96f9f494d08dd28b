/// A path or a name as the kernel takes it: any bytes but NUL, with a NUL behind them.
struct Name: Hashable {
    let bytes: [CChar]

    static let none = Name("")
    static let here = Name(".")

    init(_ text: String) { bytes = text.utf8.map { CChar(bitPattern: $0) } + [0] }

    /// From bytes without a NUL.
    init(_ raw: [UInt8]) { bytes = raw.map { CChar(bitPattern: $0) } + [0] }

    init(terminated: [CChar]) { bytes = terminated }

    var isEmpty: Bool { bytes.count == 1 }

    /// Without the NUL.
    var raw: ArraySlice<CChar> { bytes.dropLast() }

    func appending(_ name: Name) -> Name {
        isEmpty ? name : Name(terminated: Array(raw) + [CChar(UInt8(ascii: "/"))] + name.bytes)
    }

    /// What is before the last "/"; "." where there is none.
    var parent: Name {
        guard let slash = raw.lastIndex(of: CChar(UInt8(ascii: "/"))) else { return .here }
        return slash == 0 ? Name("/") : Name(terminated: Array(bytes[..<slash]) + [0])
    }

    /// What is behind the last "/".
    var last: ArraySlice<CChar> {
        guard let slash = raw.lastIndex(of: CChar(UInt8(ascii: "/"))) else { return raw }
        return raw[(slash + 1)...]
    }
}

extension Name: CustomStringConvertible {
    /// As a shell would take it within $'…', long runs of one character shortened.
    var description: String { Self.shown(raw.map { UInt8(bitPattern: $0) }) }

    static func shown(_ bytes: [UInt8]) -> String {
        var text = ""
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            var run = 1
            while index + run < bytes.count, bytes[index + run] == byte { run += 1 }
            let plain = byte > 0x20 && byte < 0x7f && byte != 0x5c
            let digits = String(byte, radix: 16)
            let one = plain ? String(UnicodeScalar(byte)) : "\\x" + (digits.count < 2 ? "0" : "") + digits
            if run > 8 {
                text += "\(one){\(run)}"
                index += run
            } else {
                text += one
                index += 1
            }
        }
        return text
    }
}
