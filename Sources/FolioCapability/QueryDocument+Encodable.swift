import FolioPolicy

/// The document as `facts --json` prints it; `parse` reads it back to the same value. What is unknown is left out.
extension QueryDocument: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// Writes the keys of a query document.
    package func encode(to encoder: any Encoder) throws {
        var root = encoder.container(keyedBy: Key.self)
        try root.encodeIfPresent(path, forKey: Key("path"))
        try root.encodeIfPresent(kernel.version?.description, forKey: Key("kernel"))
        try root.encode(kernel.config, forKey: Key("config"))
        try root.encode(operation.rawValue, forKey: Key("operation"))
        var geometry = root.nestedContainer(keyedBy: Key.self, forKey: Key("geometry"))
        try geometry.encode(kernel.geometry.pageSize, forKey: Key("pageSize"))
        try geometry.encode(kernel.geometry.pmdOrder.rawValue, forKey: Key("pmdOrder"))
        try geometry.encode(kernel.geometry.maximumPageCacheOrder.rawValue, forKey: Key("maximumPageCacheOrder"))
        var system = root.nestedContainer(keyedBy: Key.self, forKey: Key("system"))
        try system.encodeIfPresent(self.system.enabled?.rawValue, forKey: Key("enabled"))
        try system.encodeIfPresent(self.system.shmemEnabled?.rawValue, forKey: Key("shmemEnabled"))
        try system.encodeIfPresent(self.system.processDisabled, forKey: Key("processDisabled"))
        try system.encodeIfPresent(
            self.system.processDisabledExceptAdvised, forKey: Key("processDisabledExceptAdvised"))
        try system.encodeIfPresent(self.system.shmemPMDControl?.rawValue, forKey: Key("shmemPMDControl"))
        try system.encodeIfPresent(self.system.hugeFolioAvailable, forKey: Key("hugeFolioAvailable"))
        try system.encodeIfPresent(self.system.memoryCgroupHasRoom, forKey: Key("memoryCgroupHasRoom"))
        var filesystem = root.nestedContainer(keyedBy: Key.self, forKey: Key("filesystem"))
        try Self.encode(self.filesystem, in: &filesystem)
        var file = root.nestedContainer(keyedBy: Key.self, forKey: Key("file"))
        try encodeFile(in: &file)
        var mapping = root.nestedContainer(keyedBy: Key.self, forKey: Key("mapping"))
        try encodeMapping(in: &mapping)
    }

    private static func encode(_ facts: FilesystemFacts, in container: inout KeyedEncodingContainer<Key>) throws {
        try container.encodeIfPresent(facts.type, forKey: Key("type"))
        try container.encodeIfPresent(facts.mountOptions, forKey: Key("mountOptions"))
        try container.encodeIfPresent(facts.superblockFeatures?.sorted(), forKey: Key("superblockFeatures"))
        try container.encodeIfPresent(facts.blockSize, forKey: Key("blockSize"))
        try container.encodeIfPresent(facts.readOnly, forKey: Key("readOnly"))
        guard !facts.layers.isEmpty else { return }
        var layers = container.nestedUnkeyedContainer(forKey: Key("layers"))
        for layer in facts.layers {
            var nested = layers.nestedContainer(keyedBy: Key.self)
            try encode(layer, in: &nested)
        }
    }

    private func encodeFile(in container: inout KeyedEncodingContainer<Key>) throws {
        try container.encodeIfPresent(file.size, forKey: Key("size"))
        try container.encodeIfPresent(file.regular, forKey: Key("regular"))
        try container.encodeIfPresent(file.openForWrite, forKey: Key("openForWrite"))
        try container.encodeIfPresent(file.dirty, forKey: Key("dirty"))
        try container.encodeIfPresent(file.inodeFlags?.sorted(), forKey: Key("inodeFlags"))
        try container.encodeIfPresent(file.immutableAtLoad, forKey: Key("immutableAtLoad"))
        try container.encodeIfPresent(file.compressed, forKey: Key("compressed"))
        try container.encodeIfPresent(file.dax, forKey: Key("dax"))
        try container.encodeIfPresent(file.executable, forKey: Key("executable"))
        try container.encodeIfPresent(file.cachedOrders?.map(\.rawValue), forKey: Key("cachedOrders"))
        try container.encodeIfPresent(file.writeback, forKey: Key("writeback"))
        try container.encodeIfPresent(file.privateData, forKey: Key("privateData"))
        try container.encodeIfPresent(file.extraReferences, forKey: Key("extraReferences"))
        try container.encodeIfPresent(file.holes, forKey: Key("holes"))
        try container.encodeIfPresent(file.alignedExtents, forKey: Key("alignedExtents"))
    }

    private func encodeMapping(in container: inout KeyedEncodingContainer<Key>) throws {
        try container.encodeIfPresent(
            mapping.address.map { "0x" + String($0, radix: 16) }, forKey: Key("address"))
        if mapping.offsetIsKnown { try container.encode(mapping.offset, forKey: Key("offset")) }
        if mapping.lengthIsKnown { try container.encode(mapping.length, forKey: Key("length")) }
        try container.encodeIfPresent(mapping.read, forKey: Key("read"))
        try container.encodeIfPresent(mapping.write, forKey: Key("write"))
        try container.encodeIfPresent(mapping.exec, forKey: Key("exec"))
        try container.encodeIfPresent(mapping.shared, forKey: Key("shared"))
        try container.encodeIfPresent(mapping.touched, forKey: Key("touched"))
        try container.encodeIfPresent(mapping.pageTableNearby, forKey: Key("pageTableNearby"))
        try container.encodeIfPresent(mapping.pmdMapped, forKey: Key("pmdMapped"))
        try container.encodeIfPresent(mapping.programImage, forKey: Key("programImage"))
        try container.encodeIfPresent(mapping.advice?.rawValue, forKey: Key("advice"))
        try container.encodeIfPresent(mapping.access?.rawValue, forKey: Key("access"))
        try container.encodeIfPresent(mapping.special, forKey: Key("special"))
        try container.encodeIfPresent(
            mapping.userfaultfd.map { modes in UserfaultfdModes.named.filter { modes.contains($0.mode) }.map(\.name) },
            forKey: Key("userfaultfd"))
        try container.encodeIfPresent(mapping.copied, forKey: Key("copied"))
        try container.encodeIfPresent(mapping.anonymous, forKey: Key("anonymous"))
    }
}
