import Glibc
package import SystemPackage

/// The first pages of a file, mapped and touched, so that it can be told whose page cache they are in.
///
/// One page is brought in, and those that are cached around it are mapped with it, 16 at most.
package final class MappedPages {
    private let file: FileDescriptor
    private let range: AddressRange
    private let start: UnsafeMutableRawPointer

    /// Bytes that are mapped at most: what the kernel maps around a fault (fault_around_bytes, its default).
    private static let window = 64 << 10
    /// MADV_POPULATE_READ, which reports as an error what a touch would make a SIGBUS.
    private static let populate: Int32 = 22

    /// Maps them.
    /// - Throws: of open(2), mmap(2), and madvise(MADV_POPULATE_READ): EFAULT for a file without a page.
    package init(_ path: FilePath) throws(Errno) {
        do {
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw (error as? Errno) ?? .ioError
        }
        do throws(Errno) {
            start = try Self.map(file)
            range = AddressRange(UInt64(UInt(bitPattern: start)), UInt64(UInt(bitPattern: start)) + UInt64(Self.window))
        } catch {
            try? file.close()
            throw error
        }
    }

    deinit {
        munmap(start, Self.window)
        try? file.close()
    }

    /// Whether the page touched is in the page cache of the file that was opened, not in that of a backing file or a device;
    /// nil: the kernel does not tell (cachestat(2), 6.5).
    package var areOfItsCache: Bool? {
        guard let own = try? CacheResidency.read(file, length: Int(getpagesize())), own.dirty != nil else { return nil }
        return own.cached > 0
    }

    /// Whether they are the very pages that another file has at the same place; nil: it cannot be told.
    ///
    /// The other file is mapped 64 times. Each mapping of a page makes the share of it that smaps counts for one of them
    /// (Pss) smaller, whoever maps it.
    package func areThose(of other: FilePath) -> Bool? {
        guard let before = share, before > 0,
            let file = try? FileDescriptor.open(other, .readOnly, options: [.closeOnExec, .nonBlocking])
        else { return nil }
        defer { try? file.close() }
        var mappings: [UnsafeMutableRawPointer] = []
        defer { for mapping in mappings { munmap(mapping, Self.window) } }
        for _ in 0..<64 {
            guard let mapping = try? Self.map(file) else { return nil }
            mappings.append(mapping)
        }
        guard let after = share else { return nil }
        if after * 4 <= before { return true }
        // In between somebody else has mapped or unmapped them meanwhile.
        return after * 4 >= before * 3 ? false : nil
    }

    /// Bytes of Pss; nil: smaps does not show the mapping.
    private var share: Int? {
        (try? Smaps.read(overlapping: range))?.first { $0.range.start == range.start }?.sizes["Pss"]
    }

    private static func map(_ file: FileDescriptor) throws(Errno) -> UnsafeMutableRawPointer {
        guard let start = mmap(nil, window, PROT_READ, MAP_SHARED, file.rawValue, 0), start != MAP_FAILED else {
            throw Errno(rawValue: errno)
        }
        guard madvise(start, Int(getpagesize()), populate) == 0 else {
            let failure = Errno(rawValue: errno)
            munmap(start, window)
            throw failure
        }
        return start
    }
}
