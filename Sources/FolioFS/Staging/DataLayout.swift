import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// Which chunks of a file hold data. The others are holes, and stay holes in a copy.
struct DataLayout: Hashable, Sendable {
    /// The file's size in bytes.
    let size: Int
    /// Bytes of a chunk, a power of two of pages: the PMD size.
    let chunkSize: Int
    /// Runs of chunks with data, ascending and apart, in bytes: whole chunks, but for the last of the file.
    let runs: [Range<Int>]

    /// The layout of a file without holes.
    init(dense size: Int, chunkSize: Int) {
        self.size = size
        self.chunkSize = chunkSize
        runs = size > 0 ? [0..<size] : []
    }

    /// The layout of a file from its parts with data, ascending.
    init(size: Int, chunkSize: Int, data: [Range<Int>]) {
        self.size = size
        self.chunkSize = chunkSize
        var runs: [Range<Int>] = []
        for part in data where !part.isEmpty {
            let start = part.lowerBound / chunkSize * chunkSize
            let end = min(Self.roundedUp(part.upperBound, to: chunkSize), size)
            guard start < end else { continue }
            if let last = runs.last, last.upperBound >= start {
                runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, end)
            } else {
                runs.append(start..<end)
            }
        }
        self.runs = runs
    }

    /// The layout of an open file, by SEEK_DATA and SEEK_HOLE, which move its offset. A filesystem that does not tell has no
    /// holes (lseek(2)).
    static func read(_ descriptor: Int32, size: Int, chunkSize: Int) throws(Errno) -> DataLayout {
        var data: [Range<Int>] = []
        var offset = 0
        while offset < size {
            let start = lseek(descriptor, off_t(offset), Int32(FOLIO_SEEK_DATA))
            if start < 0 {
                if errno == ENXIO { break }
                guard errno == EINVAL else { throw Errno(rawValue: errno) }
                return DataLayout(dense: size, chunkSize: chunkSize)
            }
            guard start < size else { break }
            let end = try systemCall { lseek(descriptor, start, Int32(FOLIO_SEEK_HOLE)) }
            data.append(Int(start)..<Int(end))
            // What else is in the chunk costs nothing more.
            offset = max(Self.roundedUp(Int(end), to: chunkSize), offset + chunkSize)
        }
        return DataLayout(size: size, chunkSize: chunkSize, data: data)
    }

    /// Bytes in chunks with data.
    var dataBytes: Int { runs.reduce(0) { $0 + $1.count } }

    /// Bytes that a copy's chunks with data take on a tmpfs, in whole pages.
    var allocatedBytes: Int { dataBytes + (Self.pageRounded(size) - size) }

    /// Bytes that a copy can come to take: who maps it gives memory to the holes that they read (Linux 6.18 mm/shmem.c
    /// shmem_fault(), measured), and a collapse takes all of the last chunk, beyond the end as well (mm/khugepaged.c
    /// collapse_file(), measured).
    var possibleBytes: Int { Self.roundedUp(size, to: chunkSize) }

    /// The chunks without data, in bytes.
    var holes: [Range<Int>] {
        var holes: [Range<Int>] = []
        var offset = 0
        for run in runs {
            if offset < run.lowerBound { holes.append(offset..<run.lowerBound) }
            offset = run.upperBound
        }
        if offset < size { holes.append(offset..<size) }
        return holes
    }

    static func pageRounded(_ size: Int) -> Int { roundedUp(size, to: Int(getpagesize())) }

    /// The next multiple of `unit`; `Int.max` where that is beyond what a file can have.
    static func roundedUp(_ size: Int, to unit: Int) -> Int {
        let (sum, overflow) = size.addingReportingOverflow(unit - 1)
        return overflow ? Int.max : sum / unit * unit
    }
}
