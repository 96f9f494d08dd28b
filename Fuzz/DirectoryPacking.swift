import CFuse3
import Glibc

/// Whatever the names and the room, what a directory's reply holds reads back as the entries that were added, whole and in
/// order, and nothing is written beyond the room.
///
/// An input is a byte for the kind of entry, two for the room, and then names, each a length and its bytes.
@c(LLVMFuzzerTestOneInput)
public func fuzzDirectory(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    var input = UnsafeBufferPointer(start: data, count: count)[...]
    guard input.count >= 3, let kind = input.popFirst(), let low = input.popFirst(), let high = input.popFirst() else {
        return 0
    }
    let withAttributes = kind & 1 == 1
    let room = Int(low) | Int(high & 0x1f) << 8
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(room, 1), alignment: 8)
    defer { memory.deallocate() }
    var buffer = DirectoryBuffer(request: nil, storage: UnsafeMutableRawBufferPointer(rebasing: memory[..<room]))
    var added: [[UInt8]] = []
    while let length = input.popFirst() {
        let name = Array(input.prefix(Int(length)).filter { $0 != 0 && $0 != 0x2f })
        input = input.dropFirst(Int(length))
        guard !name.isEmpty else { continue }
        let next = Int64(added.count + 1)
        let fits = (name + [0]).withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return false }
            guard withAttributes else {
                return buffer.add(name: EntryName(start), inode: UInt64(next), type: 8, next: next)
            }
            let promised = buffer.fits(EntryName(start))
            let entry = Entry(
                node: NodeID(rawValue: UInt64(next)), attributes: Attributes(stat(), timeout: 1), timeout: 1)
            let fits = buffer.add(name: EntryName(start), entry: entry, next: next)
            if fits != promised { fatalError("fits says \(promised), add says \(fits)") }
            return fits
        }
        guard fits else { break }
        added.append(name)
    }
    check(UnsafeRawBufferPointer(buffer.filled), added, headSize: withAttributes ? 152 : 24)
    return 0
}

/// fuse_dirent after `headSize - 24` bytes of fuse_entry_out, the name, and zeroes to the next 8 bytes.
private func check(_ filled: UnsafeRawBufferPointer, _ names: [[UInt8]], headSize: Int) {
    var at = 0
    for (index, name) in names.enumerated() {
        let head = at + headSize - 24
        let next = filled.loadUnaligned(fromByteOffset: head + 8, as: Int64.self)
        let length = filled.loadUnaligned(fromByteOffset: head + 16, as: UInt32.self)
        guard next == Int64(index + 1), Int(length) == name.count,
            Array(filled[(at + headSize)..<(at + headSize + name.count)]) == name
        else { fatalError("entry \(index) reads back otherwise") }
        at += (headSize + name.count + 7) & ~7
    }
    guard at == filled.count else { fatalError("\(filled.count) bytes for \(at) of entries") }
}
