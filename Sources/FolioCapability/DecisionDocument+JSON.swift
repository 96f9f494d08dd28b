import FolioPolicy

/// How a decision is written: the keys of `explain --json`, on one line.
extension DecisionDocument {
    /// The document as a text.
    package var json: String {
        var buffer = JSONBuffer()
        write(to: &buffer)
        return buffer.text
    }

    /// Appends the document.
    package func write(to buffer: inout JSONBuffer) {
        buffer.append("{\"path\":")
        buffer.append(string: path)
        buffer.append(",\"filesystem\":")
        buffer.append(string: filesystem)
        buffer.append(",\"kernel\":")
        if let kernel { buffer.append(quoted: kernel) } else { buffer.append("null") }
        buffer.append(",\"operation\":")
        buffer.append(string: operation.rawValue)
        buffer.append(",\"verdict\":")
        buffer.append(string: decision.verdict.rawValue)
        buffer.append(",\"orders\":")
        if let orders = decision.orders {
            buffer.append("{\"minimum\":")
            buffer.append(number: Int(orders.lowerBound.rawValue))
            buffer.append(",\"maximum\":")
            buffer.append(number: Int(orders.upperBound.rawValue))
            buffer.append("}")
        } else {
            buffer.append("null")
        }
        buffer.append(",\"errno\":")
        buffer.append(string: decision.errno)
        buffer.append(",\"scanReason\":")
        buffer.append(string: decision.scanReason)
        buffer.append(",\"missing\":")
        buffer.append(strings: decision.missing)
        buffer.append(",\"route\":")
        buffer.append(string: route?.route.rawValue)
        if let rule = decision.rules.last {
            buffer.append(",\"decidedBy\":\"")
            buffer.append(rule.id)
            buffer.append("\"")
        }
        writeRules(to: &buffer)
        writeChunks(to: &buffer)
        writePossible(to: &buffer)
        writeRoute(to: &buffer)
        buffer.append("}")
    }

    private func writeRules(to buffer: inout JSONBuffer) {
        buffer.append(",\"rules\":[")
        for (index, rule) in decision.rules.enumerated() {
            buffer.append(index == 0 ? "{\"id\":\"" : ",{\"id\":\"")
            buffer.append(rule.id)
            switch rule.outcome {
            case .pass: buffer.append("\",\"outcome\":\"pass\",\"evidence\":\"")
            case .fail: buffer.append("\",\"outcome\":\"fail\",\"evidence\":\"")
            case .unknown: buffer.append("\",\"outcome\":\"unknown\",\"evidence\":\"")
            case .skipped: buffer.append("\",\"outcome\":\"skipped\",\"evidence\":\"")
            }
            buffer.append(rule.finding)
            if let first = rule.first {
                buffer.append(": ")
                buffer.append(first)
            }
            if let second = rule.second {
                buffer.append(rule.first == nil ? ": " : ", ")
                buffer.append(second)
            }
            buffer.append("\",\"source\":\"")
            buffer.append(rule.source)
            buffer.append("\"}")
        }
        buffer.append("]")
    }

    private func writeChunks(to buffer: inout JSONBuffer) {
        buffer.append(",\"chunks\":[")
        var isFirst = true
        for chunk in decision.chunks.prefix(Self.chunkLimit) {
            buffer.append(isFirst ? "{\"offset\":" : ",{\"offset\":")
            isFirst = false
            buffer.append(number: chunk.offset)
            switch chunk.action {
            case .copy: buffer.append(",\"plan\":\"copy\",\"bytesCopied\":")
            case .inPlace: buffer.append(",\"plan\":\"inPlace\",\"bytesCopied\":")
            case .alreadyMapped: buffer.append(",\"plan\":\"alreadyMapped\",\"bytesCopied\":")
            case .refused: buffer.append(",\"plan\":\"refused\",\"bytesCopied\":")
            }
            buffer.append(number: chunk.bytesCopied)
            buffer.append("}")
        }
        buffer.append("]")
        if decision.chunks.count > Self.chunkLimit {
            buffer.append(",\"chunksLeftOut\":")
            buffer.append(number: decision.chunks.count - Self.chunkLimit)
        }
    }

    /// What may yet happen to an operation that is allowed.
    private func writePossible(to buffer: inout JSONBuffer) {
        buffer.append(",\"possible\":[")
        for (index, possibility) in possibilities.enumerated() {
            buffer.append(index == 0 ? "{\"id\":\"" : ",{\"id\":\"")
            buffer.append(possibility.id)
            buffer.append("\",\"errno\":\"")
            buffer.append(possibility.errno)
            buffer.append("\",\"scanReason\":")
            buffer.append(string: possibility.scanReason?.rawValue)
            buffer.append(",\"when\":\"")
            buffer.append(possibility.when)
            buffer.append("\"}")
        }
        buffer.append("]")
    }

    private func writeRoute(to buffer: inout JSONBuffer) {
        if let route {
            buffer.append(",\"routeReason\":")
            buffer.append(string: route.reason)
            buffer.append(",\"routeRule\":")
            buffer.append(string: route.rule)
            buffer.append(",\"promotion\":")
            buffer.append(string: route.promotion.rawValue)
            buffer.append(",\"promote\":")
            buffer.append(string: route.promote.rawValue)
            buffer.append(",\"rule\":")
            write(route.choice.rule, to: &buffer)
            buffer.append(",\"promoteRule\":")
            write(route.choice.promoteRule, to: &buffer)
            writeTried(route.tried, to: &buffer)
            buffer.append(",\"unsureRules\":")
            buffer.append(strings: route.choice.unsure.map(\.name))
        }
        guard let answer = mayCreateLargeFolios else { return }
        buffer.append(",\"mayCreateLargeFolios\":{\"verdict\":")
        buffer.append(string: answer.verdict.rawValue)
        buffer.append(",\"filesystemSupports\":")
        buffer.append(string: answer.filesystemSupports.rawValue)
        buffer.append(",\"fallback\":")
        buffer.append(string: answer.fallback.rawValue)
        buffer.append(",\"missing\":")
        buffer.append(strings: answer.missing)
        buffer.append("}")
    }
}

extension DecisionDocument {
    private func write(_ rule: RouteRule.Label?, to buffer: inout JSONBuffer) {
        guard let rule else {
            buffer.append("null")
            return
        }
        buffer.append("{\"name\":")
        buffer.append(string: rule.name)
        buffer.append(",\"place\":")
        buffer.append(string: rule.place)
        buffer.append("}")
    }

    private func writeTried(_ tried: [RouteAttempt], to buffer: inout JSONBuffer) {
        buffer.append(",\"tried\":[")
        for (index, attempt) in tried.enumerated() {
            buffer.append(index == 0 ? "{\"route\":" : ",{\"route\":")
            buffer.append(string: attempt.route.rawValue)
            buffer.append(",\"obstacle\":")
            buffer.append(string: attempt.obstacle)
            buffer.append("}")
        }
        buffer.append("]")
    }
}

extension JSONBuffer {
    /// A version in quotes.
    fileprivate mutating func append(quoted version: KernelVersion) {
        append("\"")
        append(plain: version)
        append("\"")
    }

    private mutating func append(plain version: KernelVersion) {
        append(number: version.major)
        append(".")
        append(number: version.minor)
        append(".")
        append(number: version.patch)
    }

    /// `name=value`, without quotes around it, as `Fact.description` has it.
    fileprivate mutating func append(_ fact: Fact) {
        append(fact.name)
        append("=")
        switch fact.value {
        case .unknown: append("unknown")
        case .flag(let flag): append(flag ? "yes" : "no")
        case .number(let number): append(number: number)
        case .address(let address): append(hexadecimal: address)
        case .word(let word): append(word)
        case .version(let version): append(plain: version)
        case .orders(let orders): append(orders: orders)
        case .userfaultfd, .capability: append(escaped: fact.value.description)
        }
    }

    private mutating func append(orders: FolioOrderSet) {
        guard !orders.isEmpty else {
            append("nothing")
            return
        }
        var isFirst = true
        for order in orders {
            if !isFirst { append(" ") }
            isFirst = false
            append(number: Int(order.rawValue))
        }
    }
}
