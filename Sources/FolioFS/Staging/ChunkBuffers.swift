import Glibc
import SystemPackage

/// A chunk of a source and the same chunk of its copy, to be compared.
final class ChunkBuffers {
    let theirs: UnsafeMutableRawPointer
    let ours: UnsafeMutableRawPointer
    private let size: Int

    /// - Throws: ENOMEM.
    init(_ size: Int) throws(Errno) {
        self.size = size
        let memory = mmap(nil, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { throw Errno(rawValue: errno) }
        theirs = memory
        ours = memory + size
    }

    deinit { munmap(theirs, 2 * size) }

    /// The next pages that differ, of `count` bytes of which the copy has `ours`.
    ///
    /// - Parameter start: where to begin, a multiple of the page size; moved to where they begin.
    /// - Returns: where they end, at a page or at `count`; nil: no more differ.
    func differing(from start: inout Int, ours had: Int, count: Int) -> Int? {
        let page = Int(getpagesize())
        func differs(_ offset: Int) -> Bool {
            let length = min(page, count - offset)
            return offset + length > had || memcmp(theirs + offset, ours + offset, length) != 0
        }
        while start < count, !differs(start) { start += page }
        guard start < count else { return nil }
        var end = start
        while end < count, differs(end) { end += page }
        return min(end, count)
    }
}
