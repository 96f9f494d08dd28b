import FolioPolicy

/// A configuration as its file has it.
extension Configuration {
    /// Everything that it says, and the rules that are built in, as a text that says the same where it is read.
    package var text: String {
        var lines = ["# \(file.map { "from \($0)" } ?? "no file: what is built in")"]
        func set(_ key: String, _ value: String?) { if let value { lines.append("\(key) = \(value)") } }
        set("stage-limit", stageLimit.map { "\"\(ByteSize(bytes: $0).exact)\"" })
        set("stage-sync-limit", stageSyncLimit.map { "\"\(ByteSize(bytes: $0).exact)\"" })
        set("prestage", prestage.isEmpty ? nil : Self.list(prestage.map(\.text)))
        set("promotion-rate", promotionRate.map { "\"\(ByteSize(bytes: $0).exact)\"" })
        set("promotion-memory", promotionMemory.map(String.init))
        set("promotion-check", promotionCheck.map(String.init))
        set("watch", watch.map { "\"\($0)\"" })
        set("no-passthrough", noPassthrough.map(String.init))
        set("read-only", readOnly.map(String.init))
        set("allow-other", allowOther.map(String.init))
        set("one-file-system", oneFileSystem.map(String.init))
        set("plugins", plugins.isEmpty ? nil : Self.list(plugins))
        for rule in RouteRules(rules).rules { lines += [""] + rule.configurationLines }
        return lines.joined(separator: "\n")
    }

    static func list(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ", ") + "]" }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension RouteRule {
    /// The rule as a configuration file has it.
    package var configurationLines: [String] {
        var lines = ["# \(label.place)", "[[rule]]", "name = \(Configuration.quoted(label.name))"]
        func set(_ key: String, _ value: String?) { if let value { lines.append("\(key) = \(value)") } }
        set("path", condition.paths.isEmpty ? nil : Configuration.list(condition.paths.map(\.text)))
        set("size", condition.size.map { "\"\($0.text)\"" })
        set("kind", condition.kinds.isEmpty ? nil : Configuration.list(condition.kinds.words))
        set(
            "magic",
            condition.magics.isEmpty ? nil : "[" + condition.magics.map(Self.text).joined(separator: ", ") + "]")
        set("exec", condition.exec.map(String.init))
        set("owner", condition.owners.isEmpty ? nil : "\(condition.owners)")
        set("group", condition.groups.isEmpty ? nil : "\(condition.groups)")
        set("heat", condition.heat.map { "{ opens = \($0.opens), within = \"\(Self.duration($0.within))\" }" })
        set("routes", routes.map { Configuration.list($0.map(\.rawValue)) })
        set("promote", promote.map { "\"\($0.rawValue)\"" })
        set("promotion", promotion.map { "\"\($0.rawValue)\"" })
        set("aligned-exec", alignedExec.map(String.init))
        return lines
    }

    /// Seconds in the largest unit that they are whole in.
    private static func duration(_ seconds: Int) -> String {
        let units = [("d", 86400), ("h", 3600), ("m", 60)]
        for (unit, length) in units where seconds.isMultiple(of: length) { return "\(seconds / length)\(unit)" }
        return "\(seconds)s"
    }

    private static func text(_ magic: FileMagic) -> String {
        let digits = magic.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        return "{ hex = \"\(digits)\"" + (magic.offset > 0 ? ", offset = \(magic.offset)" : "") + " }"
    }
}
