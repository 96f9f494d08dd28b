/// One fact that a rule looked at: its name in a query document and its value.
public struct Fact: Hashable, Sendable, CustomStringConvertible {
    /// A fact's value.
    public enum Value: Hashable, Sendable {
        /// Not known.
        case unknown
        /// Yes or no.
        case flag(Bool)
        /// A number.
        case number(Int)
        /// A virtual address.
        case address(UInt64)
        /// A word of the kernel's or of a configuration.
        case word(FixedText)
        /// A kernel version.
        case version(KernelVersion)
        /// The orders of the folios in a range.
        case orders(FolioOrderSet)
        /// What a userfaultfd watches for.
        case userfaultfd(UserfaultfdModes)
        /// What a page cache can hold.
        case capability(OrderCapability)
    }

    /// The fact's path in a query document: `mapping.exec`.
    public var name: FixedText
    /// Its value.
    public var value: Value

    /// A fact from its name and value.
    public init(_ name: FixedText, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// A yes or no; nil: unknown.
    public init(_ name: FixedText, _ flag: Bool?) {
        self.init(name, flag.map(Value.flag) ?? .unknown)
    }

    /// A number; nil: unknown.
    public init(_ name: FixedText, _ number: Int?) {
        self.init(name, number.map(Value.number) ?? .unknown)
    }

    /// A word of a fixed vocabulary; nil: unknown.
    init(_ name: FixedText, _ word: (some FixedWord)?) {
        self.init(name, word.map { .word($0.word) } ?? .unknown)
    }

    /// What a userfaultfd watches for; nil: unknown.
    public init(_ name: FixedText, _ modes: UserfaultfdModes?) {
        self.init(name, modes.map(Value.userfaultfd) ?? .unknown)
    }

    /// `name=value`.
    public var description: String { "\(name)=\(value)" }
}

extension Fact.Value: CustomStringConvertible {
    /// The value as a person reads it: `yes`, `4194304`, `0x7f0000000000`, `6.12.117`, `orders 0 9`.
    public var description: String {
        switch self {
        case .unknown: "unknown"
        case .flag(let flag): flag ? "yes" : "no"
        case .number(let number): String(number)
        case .address(let address): "0x" + String(address, radix: 16)
        case .word(let word): word.description
        case .version(let version): version.description
        case .orders(let orders):
            orders.isEmpty ? "nothing" : orders.map { String($0.rawValue) }.joined(separator: " ")
        case .userfaultfd(let modes):
            modes.isEmpty
                ? "nothing"
                : UserfaultfdModes.named.filter { modes.contains($0.mode) }.map(\.name).joined(separator: " ")
        case .capability(.none): "order 0"
        case .capability(.shmem): "shmem"
        case .capability(.unknown): "unknown"
        case .capability(.range(let minimum, let maximum)): "\(minimum.rawValue) to \(maximum.rawValue)"
        }
    }
}
