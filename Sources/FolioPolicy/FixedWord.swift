/// A word of a fixed vocabulary, as a text that is part of the program.
protocol FixedWord {
    /// The raw value.
    var word: FixedText { get }
}

extension HugePageMode: FixedWord {
    var word: FixedText {
        switch self {
        case .always: "always"
        case .madvise: "madvise"
        case .never: "never"
        }
    }
}

extension ShmemHugeMode: FixedWord {
    var word: FixedText {
        switch self {
        case .always: "always"
        case .withinSize: "within_size"
        case .advise: "advise"
        case .never: "never"
        case .deny: "deny"
        case .force: "force"
        }
    }
}

extension ShmemOrderControl: FixedWord {
    var word: FixedText {
        switch self {
        case .always: "always"
        case .withinSize: "within_size"
        case .advise: "advise"
        case .inherit: "inherit"
        case .never: "never"
        }
    }
}

extension MappingAdvice: FixedWord {
    var word: FixedText {
        switch self {
        case .none: "none"
        case .hugePage: "hugepage"
        case .noHugePage: "nohugepage"
        }
    }
}

extension MappingAccess: FixedWord {
    var word: FixedText {
        switch self {
        case .read: "read"
        case .write: "write"
        }
    }
}

extension WriteBehaviour: FixedWord {
    var word: FixedText {
        switch self {
        case .none: "none"
        case .through: "through"
        case .back: "back"
        }
    }
}

extension Confidence: FixedWord {
    var word: FixedText {
        switch self {
        case .measured: "measured"
        case .read: "read"
        case .inferred: "inferred"
        }
    }
}
