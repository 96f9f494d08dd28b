package import FolioPolicy

/// How a document is read.
extension QueryDocument {
    /// Reads a document.
    ///
    /// - Parameters:
    ///   - text: one JSON object.
    ///   - line: the number of its first line, for errors.
    ///   - operation: the operation where the document has none; nil: a document without one is an error.
    /// - Throws: the first thing that is wrong, with the key and its line.
    package static func parse(
        _ text: String, line: Int = 1, operation: Operation? = nil
    ) throws(QueryError) -> QueryDocument {
        try parse(bytes: Array(text.utf8), line: line, operation: operation)
    }

    /// Reads a document from its bytes; what is not UTF-8 is an error.
    package static func parse(
        bytes: some Sequence<UInt8>, line: Int = 1, operation: Operation? = nil
    ) throws(QueryError) -> QueryDocument {
        let bytes = Array(bytes)
        let result = bytes.withUnsafeBufferPointer { bytes -> Result<QueryDocument, QueryError> in
            Result { () throws(QueryError) in try parse(buffer: bytes, line: line, operation: operation) }
        }
        return try result.get()
    }

    /// Reads a document from bytes that stay where they are meanwhile.
    package static func parse(
        buffer: UnsafeBufferPointer<UInt8>, line: Int = 1, operation: Operation? = nil
    ) throws(QueryError) -> QueryDocument {
        var cursor = JSONCursor(buffer, line: line)
        var document = QueryDocument(
            kernel: KernelFacts(version: nil), system: SystemFacts(enabled: nil, shmemEnabled: nil),
            filesystem: FilesystemFacts(type: nil), file: FileFacts(size: nil, regular: nil),
            mapping: .nothingKnown, operation: operation ?? .fault)
        var hasOperation = operation != nil
        try cursor.object("", keys: keys) { (cursor, index) throws(QueryError) in
            if index == operationKey {
                guard let asked = try cursor.wordValue("", keys[index], Operation.self) else { return }
                document.operation = asked
                hasOperation = true
            } else {
                try document.readMember(index, &cursor)
            }
        }
        try cursor.end()
        guard hasOperation else {
            let words = Operation.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw QueryError(line: line, key: "operation", message: "is missing, and must be one of \(words)")
        }
        return document
    }

    private static let keys: [FixedText] = [
        "path", "kernel", "config", "geometry", "filesystem", "operation", "file", "mapping", "system",
    ]
    private static let operationKey = 5

    private mutating func readMember(_ index: Int, _ cursor: inout JSONCursor) throws(QueryError) {
        let key = Self.keys[index]
        if index > 1, try cursor.takeNull() { return }
        switch index {
        case 0: path = try cursor.stringValue("", key)
        case 1:
            guard let text = try cursor.stringValue("", key) else { return }
            guard let version = KernelVersion(text) else {
                throw cursor.error("kernel", "is \"\(text)\", and must be a version like \"6.18\" or \"6.18.44\"")
            }
            kernel.version = version
        case 2:
            let options = try cursor.dictionaryValue("", key, wants: "true or false") {
                cursor throws(QueryError) in try cursor.boolean()
            }
            for (name, flag) in options ?? [:] {
                kernel.config[name.hasPrefix("CONFIG_") ? String(name.dropFirst(7)) : name] = flag
            }
        case 3: kernel.geometry = try Self.readGeometry(&cursor)
        case 4: filesystem = try Self.readFilesystem("filesystem", depth: 0, &cursor)
        case 6: try readFile(&cursor)
        case 7: try readMapping(&cursor)
        default: try readSystem(&cursor)
        }
    }

    private static let geometryKeys: [FixedText] = ["pageSize", "pmdOrder", "maximumPageCacheOrder"]

    private static func readGeometry(_ cursor: inout JSONCursor) throws(QueryError) -> PageGeometry {
        var numbers: (pageSize: Int?, pmdOrder: Int?, maximum: Int?)
        let line = cursor.line
        try cursor.object("geometry", keys: geometryKeys) { (cursor, index) throws(QueryError) in
            let key = geometryKeys[index]
            switch index {
            case 0: numbers.pageSize = try cursor.integerValue("geometry", key, in: 1024...1 << 20)
            case 1: numbers.pmdOrder = try cursor.integerValue("geometry", key, in: 1...20)
            default: numbers.maximum = try cursor.integerValue("geometry", key, in: 0...20)
            }
        }
        let base = PageGeometry.x86_64
        let pageSize = numbers.pageSize ?? base.pageSize
        guard pageSize & (pageSize - 1) == 0 else {
            throw QueryError(line: line, key: "geometry.pageSize", message: "must be a power of two")
        }
        let pmdOrder = numbers.pmdOrder ?? Int(base.pmdOrder.rawValue)
        return PageGeometry(
            pageSize: pageSize, pmdOrder: FolioOrder(UInt8(pmdOrder)),
            maximumPageCacheOrder: FolioOrder(UInt8(numbers.maximum ?? min(pmdOrder, 11))))
    }

    private static let systemKeys: [FixedText] = [
        "enabled", "shmemEnabled", "processDisabled", "processDisabledExceptAdvised", "shmemPMDControl",
        "hugeFolioAvailable", "memoryCgroupHasRoom",
    ]

    private mutating func readSystem(_ cursor: inout JSONCursor) throws(QueryError) {
        let path = "system"
        try cursor.object(path, keys: Self.systemKeys) { (cursor, index) throws(QueryError) in
            let key = Self.systemKeys[index]
            switch index {
            case 0: system.enabled = try cursor.wordValue(path, key, HugePageMode.self)
            case 1: system.shmemEnabled = try cursor.wordValue(path, key, ShmemHugeMode.self)
            case 2: system.processDisabled = try cursor.booleanValue(path, key) ?? false
            case 3: system.processDisabledExceptAdvised = try cursor.booleanValue(path, key)
            case 4: system.shmemPMDControl = try cursor.wordValue(path, key, ShmemOrderControl.self)
            case 5: system.hugeFolioAvailable = try cursor.booleanValue(path, key)
            default: system.memoryCgroupHasRoom = try cursor.booleanValue(path, key)
            }
        }
    }

    private static let filesystemKeys: [FixedText] = [
        "type", "mountOptions", "superblockFeatures", "blockSize", "readOnly", "layers",
    ]
    /// No filesystem stands on as many others as this.
    private static let layerLimit = 64

    private static func readFilesystem(
        _ path: String, depth: Int, _ cursor: inout JSONCursor
    ) throws(QueryError) -> FilesystemFacts {
        guard depth < layerLimit else { throw cursor.error(path, "nested more than \(layerLimit) deep") }
        var facts = FilesystemFacts(type: nil)
        try cursor.object(path, keys: filesystemKeys) { (cursor, index) throws(QueryError) in
            let key = filesystemKeys[index]
            switch index {
            case 0: facts.type = try cursor.stringValue(path, key)
            case 1: facts.mountOptions = try cursor.dictionaryValue(path, key, wants: "a string", readOption)
            case 2: facts.superblockFeatures = try cursor.stringsValue(path, key)
            case 3: facts.blockSize = try cursor.integerValue(path, key, in: 1...1 << 30)
            case 4: facts.readOnly = try cursor.booleanValue(path, key)
            default:
                if try cursor.takeNull() { return }
                try cursor.list(JSONCursor.full(path, key)) { (cursor, place) throws(QueryError) in
                    let inner = JSONCursor.full(path, "layers[\(place)]")
                    facts.layers.append(try readFilesystem(inner, depth: depth + 1, &cursor))
                }
            }
        }
        return facts
    }

    /// The value of a mount option: a string, a whole number, or true or null for one without a value.
    private static func readOption(_ cursor: inout JSONCursor) throws(QueryError) -> String? {
        if cursor.isString() { return try cursor.text() }
        if cursor.isNumber() {
            let before = cursor
            if let number = try cursor.number() { return String(number) }
            cursor = before
            return nil
        }
        if try cursor.takeNull() { return "" }
        let before = cursor
        if try cursor.boolean() == true { return "" }
        cursor = before
        return nil
    }

    private static let fileKeys: [FixedText] = [
        "size", "regular", "openForWrite", "dirty", "inodeFlags", "compressed", "dax", "executable", "cachedOrders",
        "writeback", "privateData", "extraReferences", "holes", "alignedExtents", "immutableAtLoad",
    ]

    private mutating func readFile(_ cursor: inout JSONCursor) throws(QueryError) {
        let path = "file"
        try cursor.object(path, keys: Self.fileKeys) { (cursor, index) throws(QueryError) in
            let key = Self.fileKeys[index]
            switch index {
            case 0: file.size = try cursor.integerValue(path, key)
            case 1: file.regular = try cursor.booleanValue(path, key)
            case 2: file.openForWrite = try cursor.booleanValue(path, key)
            case 3: file.dirty = try cursor.booleanValue(path, key)
            case 4: file.inodeFlags = try cursor.stringsValue(path, key)
            case 5: file.compressed = try cursor.booleanValue(path, key)
            case 6: file.dax = try cursor.booleanValue(path, key)
            case 7: file.executable = try cursor.booleanValue(path, key)
            case 8: file.cachedOrders = try Self.readOrders(&cursor)
            case 9: file.writeback = try cursor.booleanValue(path, key)
            case 10: file.privateData = try cursor.booleanValue(path, key)
            case 11: file.extraReferences = try cursor.booleanValue(path, key)
            case 12: file.holes = try cursor.booleanValue(path, key)
            case 13: file.alignedExtents = try cursor.booleanValue(path, key)
            default: file.immutableAtLoad = try cursor.booleanValue(path, key)
            }
        }
    }

    private static func readOrders(_ cursor: inout JSONCursor) throws(QueryError) -> FolioOrderSet? {
        if try cursor.takeNull() { return nil }
        var orders: FolioOrderSet = []
        let path = "file.cachedOrders"
        try cursor.list(path) { (cursor, _) throws(QueryError) in
            guard cursor.isNumber(), let number = try cursor.number(), (0...30).contains(number) else {
                throw cursor.error(path, "is a list of orders from 0 to 30")
            }
            orders.insert(FolioOrder(UInt8(number)))
        }
        return orders
    }

    private static let mappingKeys: [FixedText] = [
        "address", "offset", "length", "read", "write", "exec", "shared", "touched", "pageTableNearby", "pmdMapped",
        "programImage", "advice", "access", "special", "userfaultfd", "copied", "anonymous",
    ]

    private mutating func readMapping(_ cursor: inout JSONCursor) throws(QueryError) {
        let path = "mapping"
        try cursor.object(path, keys: Self.mappingKeys) { (cursor, index) throws(QueryError) in
            let key = Self.mappingKeys[index]
            switch index {
            case 0: mapping.address = try cursor.addressValue(path, key)
            case 1:
                let offset = try cursor.integerValue(path, key, in: Int.min...Int.max)
                (mapping.offset, mapping.offsetIsKnown) = (offset ?? 0, offset != nil)
            case 2:
                let length = try cursor.integerValue(path, key, in: Int.min...Int.max)
                (mapping.length, mapping.lengthIsKnown) = (length ?? 0, length != nil)
            case 3: mapping.read = try cursor.booleanValue(path, key)
            case 4: mapping.write = try cursor.booleanValue(path, key)
            case 5: mapping.exec = try cursor.booleanValue(path, key)
            case 6: mapping.shared = try cursor.booleanValue(path, key)
            case 7: mapping.touched = try cursor.booleanValue(path, key)
            case 8: mapping.pageTableNearby = try cursor.booleanValue(path, key)
            case 9: mapping.pmdMapped = try cursor.booleanValue(path, key)
            case 10: mapping.programImage = try cursor.booleanValue(path, key)
            case 11: mapping.advice = try cursor.wordValue(path, key, MappingAdvice.self)
            case 12: mapping.access = try cursor.wordValue(path, key, MappingAccess.self)
            case 13: mapping.special = try cursor.booleanValue(path, key)
            case 14: mapping.userfaultfd = try Self.readModes(&cursor)
            case 15: mapping.copied = try cursor.booleanValue(path, key)
            default: mapping.anonymous = try cursor.booleanValue(path, key)
            }
        }
    }

    private static func readModes(_ cursor: inout JSONCursor) throws(QueryError) -> UserfaultfdModes? {
        guard let names = try cursor.stringsValue("mapping", "userfaultfd") else { return nil }
        var modes: UserfaultfdModes = []
        for name in names {
            guard let mode = UserfaultfdModes.named.first(where: { $0.name == name })?.mode else {
                let known = UserfaultfdModes.named.map { "\"\($0.name)\"" }.joined(separator: ", ")
                throw cursor.error("mapping.userfaultfd", "has \"\(name)\", and is a list of \(known)")
            }
            modes.insert(mode)
        }
        return modes
    }
}

extension MappingFacts {
    /// A mapping of which nothing is known.
    static var nothingKnown: MappingFacts {
        var facts = MappingFacts(address: nil, offset: 0, length: 0, read: nil, write: nil, exec: nil, shared: nil)
        facts.offsetIsKnown = false
        facts.lengthIsKnown = false
        return facts
    }
}
