import FolioCapability
import FolioPolicy

/// Turns a document into a configuration, noting what makes no sense. What has the wrong form is passed over: the schema
/// tells of that.
struct ConfigurationReader {
    private let file: String
    private let people: People
    private(set) var configuration = Configuration()
    private(set) var problems: [ManifestError] = []

    init(file: String, people: People) {
        self.file = file
        self.people = people
        configuration.file = file
    }

    mutating func read(_ root: ManifestNode) {
        guard case .table(let entries) = root.value else { return }
        configuration.stageLimit = size(entries["stage-limit"])
        configuration.stageSyncLimit = size(entries["stage-sync-limit"])
        configuration.prestage = patterns(entries["prestage"])
        configuration.promotionRate = size(entries["promotion-rate"])
        configuration.promotionMemory = Self.integer(entries["promotion-memory"])
        configuration.promotionCheck = Self.integer(entries["promotion-check"])
        configuration.watch = Self.string(entries["watch"])
        configuration.noPassthrough = Self.boolean(entries["no-passthrough"])
        configuration.readOnly = Self.boolean(entries["read-only"])
        configuration.allowOther = Self.boolean(entries["allow-other"])
        configuration.oneFileSystem = Self.boolean(entries["one-file-system"])
        for node in Self.list(entries["plugins"]) {
            guard let directory = Self.string(node) else { continue }
            if directory.hasPrefix("/") {
                configuration.plugins.append(directory)
            } else {
                note("the plugin directory \"\(directory)\" is relative", node, "write its path from /")
            }
        }
        var names: [String: Int] = [:]
        for node in Self.list(entries["rule"]) {
            guard case .table(let keys) = node.value else { continue }
            let rule = rule(keys, node)
            let line = node.keyPosition.line
            if let first = names[rule.label.name] {
                note(
                    "two rules are called \"\(rule.label.name)\"", keys["name"] ?? node,
                    "the other is on line \(first): give them names of their own")
            }
            names[rule.label.name] = line
            configuration.rules.append(rule)
        }
    }

    // MARK: Rules

    private mutating func rule(_ keys: [String: ManifestNode], _ node: ManifestNode) -> RouteRule {
        let line = node.keyPosition.line
        let name = Self.string(keys["name"]) ?? "line \(line)"
        var rule = RouteRule(name: name, place: "\(file):\(line)")
        rule.condition = condition(keys)
        var routes: [Route] = []
        for node in Self.list(keys["routes"]) {
            guard let route = Self.word(node, Route.self) else { continue }
            if routes.contains(route) {
                note("the route \(route.rawValue) is named twice", node, "take one of the two out")
            } else if routes.last == .plain {
                note("no route is tried after plain", node, "put it before plain")
            }
            routes.append(route)
        }
        if keys["routes"] != nil { rule.routes = routes }
        rule.promote = Self.word(keys["promote"], PromotionTime.self)
        // Who says where a file's huge pages are to come from wants them.
        if rule.routes != nil, keys["promote"] == nil { rule.promote = .open }
        rule.promotion = Self.word(keys["promotion"], Promotion.self)
        rule.alignedExec = Self.boolean(keys["aligned-exec"])
        let said = ["routes", "promote", "promotion", "aligned-exec"]
        if !said.contains(where: { keys[$0] != nil }) {
            problems.append(
                ManifestError(
                    "the rule says nothing of the files that it matches", in: file, at: node.keyPosition,
                    suggestion: "add routes, promote, promotion or aligned-exec"))
        }
        return rule
    }

    private mutating func condition(_ keys: [String: ManifestNode]) -> RuleCondition {
        var condition = RuleCondition()
        condition.paths = patterns(keys["path"])
        if let node = keys["size"], let text = Self.string(node) {
            condition.size = take(node) { () throws(RuleTextError) in try SizeRange.parse(text) }
        }
        for node in Self.list(keys["kind"]) {
            let word = Self.string(node)
            for (name, kind) in FileKinds.words where name == word { condition.kinds.insert(kind) }
        }
        for node in Self.list(keys["magic"]) {
            if let magic = magic(node) { condition.magics.append(magic) }
        }
        condition.exec = Self.boolean(keys["exec"])
        condition.owners = ids(keys["owner"], "user", people.user)
        condition.groups = ids(keys["group"], "group", people.group)
        if case .table(let heat)? = keys["heat"]?.value, let opens = Self.integer(heat["opens"]),
            let within = Self.string(heat["within"]).flatMap(Self.seconds)
        {
            condition.heat = OpenHeat(opens: opens, within: within)
        }
        return condition
    }

    private mutating func patterns(_ node: ManifestNode?) -> [PathPattern] {
        var patterns: [PathPattern] = []
        for node in Self.list(node) {
            guard let text = Self.string(node) else { continue }
            if let pattern = take(node, { () throws(RuleTextError) in try PathPattern(text) }) {
                patterns.append(pattern)
            }
        }
        return patterns
    }

    private mutating func magic(_ node: ManifestNode) -> FileMagic? {
        guard case .table(let keys) = node.value else { return nil }
        let offset = Self.integer(keys["offset"]) ?? 0
        switch (keys["text"], keys["hex"]) {
        case (let text?, nil):
            let bytes = Self.string(text).map { Array($0.utf8) } ?? []
            guard bytes.count <= FileMagic.longest else {
                note("a magic is longer than \(FileMagic.longest) bytes", text, "take its beginning")
                return nil
            }
            return bytes.isEmpty ? nil : FileMagic(offset: offset, bytes: bytes)
        case (nil, let hex?):
            guard let text = Self.string(hex) else { return nil }
            guard let bytes = FileMagic.bytes(hexadecimal: text) else {
                note("hex is \"\(text)\"", hex, "write 1 to \(FileMagic.longest) bytes like \"fd 37 7a 58\"")
                return nil
            }
            return FileMagic(offset: offset, bytes: bytes)
        default:
            note("a magic has either text or hex", node, "write { text = \"GGUF\" } or { hex = \"fd 37 7a 58\" }")
            return nil
        }
    }

    private mutating func ids(
        _ node: ManifestNode?, _ what: String, _ number: (String) -> UInt32?
    ) -> [UInt32] {
        var ids: [UInt32] = []
        for node in Self.list(node) {
            if let id = Self.integer(node).flatMap(UInt32.init(exactly:)) {
                ids.append(id)
            } else if let name = Self.string(node) {
                if let id = number(name) {
                    ids.append(id)
                } else {
                    note("this machine has no \(what) \"\(name)\"", node, "write one that it has, or a number")
                }
            }
        }
        return ids
    }

    // MARK: Values

    private mutating func take<Value>(
        _ node: ManifestNode, _ read: () throws(RuleTextError) -> Value
    ) -> Value? {
        do throws(RuleTextError) {
            return try read()
        } catch {
            note(error.message, node, error.suggestion)
            return nil
        }
    }

    private mutating func note(_ message: String, _ node: ManifestNode, _ suggestion: String) {
        problems.append(ManifestError(message, in: file, at: node.position, suggestion: suggestion))
    }

    private mutating func size(_ node: ManifestNode?) -> Int? {
        guard let node else { return nil }
        if let number = Self.integer(node) { return number }
        guard let text = Self.string(node) else { return nil }
        guard let size = ByteSize(text) else {
            note("\"\(text)\" is no size", node, "write it like \"512M\"")
            return nil
        }
        return size.bytes
    }

    private static func string(_ node: ManifestNode?) -> String? {
        guard case .string(let text)? = node?.value else { return nil }
        return text
    }

    private static func integer(_ node: ManifestNode?) -> Int? {
        guard case .integer(let number)? = node?.value else { return nil }
        return number
    }

    private static func boolean(_ node: ManifestNode?) -> Bool? {
        guard case .boolean(let flag)? = node?.value else { return nil }
        return flag
    }

    private static func list(_ node: ManifestNode?) -> [ManifestNode] {
        guard case .array(let nodes)? = node?.value else { return [] }
        return nodes
    }

    private static func word<Word: RawRepresentable>(_ node: ManifestNode?, _: Word.Type) -> Word?
    where Word.RawValue == String {
        string(node).flatMap(Word.init)
    }

    /// Seconds from `30s`, `10m`, `2h`, `1d`.
    private static func seconds(_ text: String) -> Int? {
        guard let number = Int(text.dropLast()), number > 0, let unit = text.last else { return nil }
        switch unit {
        case "s": return number
        case "m": return number * 60
        case "h": return number * 3600
        case "d": return number * 86400
        default: return nil
        }
    }
}
