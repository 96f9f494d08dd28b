import Glibc

/// The byte ranges that one owner has locked of one file, as fcntl(2) keeps them: apart, in order, joined where they touch.
struct LockRanges {
    /// Bytes `start` to `end`, both included; `end` of `Int64.max` is the end of the file, however it grows.
    struct Range: Hashable {
        let start: Int64
        let end: Int64
        var isWrite: Bool

        /// - Parameter length: bytes; 0: to the end of the file.
        init(start: Int64, length: Int64, isWrite: Bool) {
            self.init(start: start, end: length == 0 ? .max : start + length - 1, isWrite: isWrite)
        }

        init(start: Int64, end: Int64, isWrite: Bool) {
            self.start = start
            self.end = end
            self.isWrite = isWrite
        }

        /// Bytes; 0: to the end of the file.
        var length: Int64 { end == .max ? 0 : end - start + 1 }

        /// Whether two owners cannot have both.
        func conflicts(with other: Range) -> Bool {
            (isWrite || other.isWrite) && start <= other.end && other.start <= end
        }

        fileprivate func joins(_ next: Range) -> Bool {
            isWrite == next.isWrite && (end == .max || end + 1 >= next.start)
        }
    }

    private(set) var all: [Range] = []

    var isEmpty: Bool { all.isEmpty }

    /// Takes or, with F_UNLCK, gives up a range; what the owner had of it before is replaced.
    mutating func set(_ type: Int16, start: Int64, length: Int64) {
        let new = Range(start: start, length: length, isWrite: type == Int16(F_WRLCK))
        var parts: [Range] = []
        for old in all {
            guard old.start <= new.end, new.start <= old.end else {
                parts.append(old)
                continue
            }
            if old.start < new.start {
                parts.append(Range(start: old.start, end: new.start - 1, isWrite: old.isWrite))
            }
            if old.end > new.end { parts.append(Range(start: new.end + 1, end: old.end, isWrite: old.isWrite)) }
        }
        if type != Int16(F_UNLCK) { parts.append(new) }
        all = []
        for part in parts.sorted(by: { $0.start < $1.start }) {
            if let last = all.last, last.joins(part) {
                all[all.count - 1] = Range(start: last.start, end: max(last.end, part.end), isWrite: last.isWrite)
            } else {
                all.append(part)
            }
        }
    }

    /// The first range that another owner's `wanted` conflicts with.
    func conflict(with wanted: Range) -> Range? { all.first { $0.conflicts(with: wanted) } }
}
