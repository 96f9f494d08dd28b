import Glibc

/// Listings.
extension Executor {
    private func entries(_ path: Name) -> [(name: Name, inode: UInt, type: UInt8)]? {
        guard let stream = DirectoryStream(path, began: 0) else { return nil }
        var result: [(Name, UInt, UInt8)] = []
        while let entry = stream.next() { result.append(entry) }
        return result
    }

    func list(_ operation: Operation) {
        guard let entries = entries(operation.path) else { return record.put(result: -1) }
        record.put(result: entries.count)
        let shown = entries.map { ($0.name, $0.type) }.sorted { $0.0.bytes.lexicographicallyPrecedes($1.0.bytes) }
        for (name, type) in shown {
            record.put(" ")
            record.put(bytes: Array(name.description.utf8))
            record.put(":")
            record.put(Int(type))
        }
        guard world.kind == .mount else { return }
        for entry in entries where entry.name != Name("..") && entry.name != Name(".") {
            let there = Observation.of(operation.path.appending(entry.name), in: source)
            if there.failure == 0, there.status.st_ino != entry.inode {
                record.put("\n  MOUNT AND SOURCE DIFFER d_ino:")
                record.put(unsigned: entry.inode)
                record.put("/")
                record.put(unsigned: UInt(there.status.st_ino))
            }
        }
    }

    /// Reads all, goes back to one position, and reads the rest again: it must be the same.
    func listFromMiddle(_ operation: Operation) {
        guard let stream = DirectoryStream(operation.path, began: 0) else { return record.put(result: -1) }
        while stream.next() != nil {}
        let all = stream.given.map(\.name)
        record.put(result: all.count)
        let start = Int(operation.offset) % max(all.count, 1)
        guard stream.seek(to: start) else { return }
        while stream.next() != nil {}
        let again = stream.given.map(\.name)
        record.put(again == all ? " the same again" : " something else after seekdir")
    }

    func openStream(_ operation: Operation, _ index: Int) {
        streams[operation.otherSlot] = DirectoryStream(operation.path, began: index)
        record.put(result: streams[operation.otherSlot] == nil ? -1 : 0)
    }

    func readStream(_ operation: Operation) {
        guard let stream = streams[operation.otherSlot] else { return record.put(" none") }
        for _ in 0..<operation.length { _ = stream.next() }
        record.put(" read")
    }

    func seekStream(_ operation: Operation) {
        guard let stream = streams[operation.otherSlot] else { return record.put(" none") }
        // How much was given depends on whether what is younger than the stream is among it.
        _ = stream.seek(to: Int(operation.offset))
        record.put(" sought")
    }

    /// Reads the rest. What was there from the beginning to the end, and was not touched, came exactly once.
    func closeStream(_ operation: Operation, _ index: Int) {
        guard let stream = streams[operation.otherSlot] else { return record.put(" none") }
        streams[operation.otherSlot] = nil
        while stream.next() != nil {}
        var touched: Set<ArraySlice<CChar>> = []
        for operation in operations[stream.began...index] {
            touched.insert(operation.path.last)
            touched.insert(operation.otherPath.last)
        }
        var counts: [Name: Int] = [:]
        for entry in stream.given { counts[entry.name, default: 0] += 1 }
        let after = DirectoryStream.list(stream.path)
        // The directory itself may have gone, or another taken its path.
        guard after[Name(".")] == stream.before[Name(".")] else { return record.put(" moved away") }
        record.put(" stream")
        let stayed = stream.before.filter { after[$0.key] == $0.value && !touched.contains($0.key.raw) }
        for name in stayed.keys.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        where counts[name, default: 0] != 1 {
            record.put(" ")
            record.put(bytes: Array(name.description.utf8))
            record.put(" came ")
            record.put(counts[name, default: 0])
            record.put(" times")
        }
    }
}
