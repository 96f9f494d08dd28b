package import FolioPolicy

/// What a native plugin said, held against what can be said.
package struct NativeAnswer: Hashable, Sendable {
    /// What it says of the orders.
    package enum Orders: Hashable, Sendable {
        /// Nothing.
        case abstain
        /// It cannot be known without this fact.
        case unknown(missing: String)
        /// These.
        case orders(OrderCapability)
        /// Those of the filesystem that holds this file.
        case layer(String)
        /// Those of this filesystem.
        case filesystem(FilesystemFacts)
    }

    /// The orders.
    package var orders: Orders
    /// As in a capability; nil: not said.
    package var largeFolioWrites: Bool?
    /// As in a capability; nil: not said.
    package var passthroughBacking: Bool?
    /// As in a capability; nil: not said.
    package var alignsMappings: Bool?
    /// As in a capability; nil: not said.
    package var writes: WriteBehaviour?
    /// Whence it is known.
    package var source: String

    /// Why an answer is none.
    struct Nonsense: Error {
        let what: String
    }

    /// An answer from a frame: status, kind, orders, three words, writes, layer, source, missing, filesystem.
    init(_ fields: [[UInt8]]) throws(Nonsense) {
        guard fields.count == 12 else { throw Nonsense(what: "it has \(fields.count) fields") }
        var numbers: [Int] = []
        for field in fields.prefix(8) {
            guard let number = Int(String(decoding: field, as: UTF8.self)) else {
                throw Nonsense(what: "a field is no number")
            }
            numbers.append(number)
        }
        guard numbers[0] == 0 else { throw Nonsense(what: "it says that it cannot: \(numbers[0])") }
        let layer = try Self.text(fields[8], "layer")
        source = try Self.text(fields[9], "source")
        let missing = try Self.text(fields[10], "missing")
        let filesystem = try Self.text(fields[11], "filesystem")
        switch numbers[1] {
        case 0: orders = .abstain
        case 1:
            guard !missing.isEmpty else { throw Nonsense(what: "it does not know, and names nothing that is missing") }
            orders = .unknown(missing: missing)
        case 2: orders = .orders(try Self.range(numbers[2], numbers[3]))
        case 3: orders = .orders(.shmem)
        case 4:
            guard layer.hasPrefix("/") else { throw Nonsense(what: "its layer is \"\(layer)\", no absolute path") }
            orders = .layer(layer)
        case 5: orders = .filesystem(try Self.filesystem(filesystem))
        default: throw Nonsense(what: "its kind is \(numbers[1])")
        }
        guard orders == .abstain || !source.isEmpty else { throw Nonsense(what: "it names no source") }
        largeFolioWrites = try Self.word(numbers[4], "large_folio_writes")
        passthroughBacking = try Self.word(numbers[5], "passthrough_backing")
        alignsMappings = try Self.word(numbers[6], "aligns_mappings")
        switch numbers[7] {
        case 0: writes = nil
        case 1: writes = WriteBehaviour.none
        case 2: writes = .through
        case 3: writes = .back
        default: throw Nonsense(what: "writes is \(numbers[7])")
        }
    }

    private static func range(_ minimum: Int, _ maximum: Int) throws(Nonsense) -> OrderCapability {
        guard 0 <= minimum, minimum <= maximum, maximum <= 30 else {
            throw Nonsense(what: "its orders are from \(minimum) to \(maximum)")
        }
        if maximum == 0 { return OrderCapability.none }
        return .range(minimum: FolioOrder(UInt8(minimum)), maximum: FolioOrder(UInt8(maximum)))
    }

    /// A filesystem of which no path is known: `tmpfs huge=within_size,rw`.
    private static func filesystem(_ text: String) throws(Nonsense) -> FilesystemFacts {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard let type = parts.first, !type.isEmpty else { throw Nonsense(what: "it names no filesystem") }
        guard parts.count == 2 else { return FilesystemFacts(type: String(type)) }
        var options: [String: String] = [:]
        for option in parts[1].split(separator: ",") {
            let words = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            options[String(words[0])] = words.count > 1 ? String(words[1]) : ""
        }
        return FilesystemFacts(type: String(type), mountOptions: options, readOnly: options["ro"] != nil)
    }

    private static func word(_ number: Int, _ key: String) throws(Nonsense) -> Bool? {
        switch number {
        case 0: return nil
        case 1: return true
        case 2: return false
        default: throw Nonsense(what: "\(key) is \(number)")
        }
    }

    private static func text(_ bytes: [UInt8], _ key: String) throws(Nonsense) -> String {
        guard let text = String(validating: bytes, as: UTF8.self),
            !text.unicodeScalars.contains(where: { $0.value < 32 })
        else { throw Nonsense(what: "its \(key) is no text, or has no end") }
        return text
    }
}
