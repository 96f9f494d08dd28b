import CLinuxShims
import Glibc
package import SystemPackage

/// What of a file is in the page cache, in pages.
package struct CacheResidency: Hashable, Sendable {
    /// Pages in the page cache.
    package var cached: Int
    /// Dirty pages; nil: the kernel does not tell.
    package var dirty: Int?
    /// Pages in writeback; nil: the kernel does not tell.
    package var writeback: Int?

    /// Counts as read.
    package init(cached: Int, dirty: Int?, writeback: Int?) {
        self.cached = cached
        self.dirty = dirty
        self.writeback = writeback
    }

    /// Whether some page is dirty or in writeback; nil: the kernel does not tell.
    package var isDirty: Bool? {
        guard let dirty, let writeback else { return nil }
        return dirty + writeback > 0
    }

    /// The pages of `length` bytes from `offset` of an open file; 0: to its end.
    ///
    /// cachestat(2) from 6.5; before that mincore(2), which does not tell what is dirty.
    /// - Throws: EBADF, EPERM (a file that the caller neither owns nor may write); of mmap(2), where that is used.
    package static func read(_ descriptor: FileDescriptor, offset: Int = 0, length: Int = 0) throws(Errno)
        -> CacheResidency
    {
        guard offset >= 0, length >= 0 else { throw .invalidArgument }
        var pages = folio_cachestat_pages()
        do {
            _ = try systemCall {
                folio_cachestat(descriptor.rawValue, UInt64(offset), UInt64(length), &pages)
            }
            return CacheResidency(
                cached: Int(clamping: pages.cached), dirty: Int(clamping: pages.dirty),
                writeback: Int(clamping: pages.writeback))
        } catch .noFunction {
            let present = try presence(descriptor, offset: offset, length: length)
            return CacheResidency(cached: present.count { $0 }, dirty: nil, writeback: nil)
        }
    }

    /// Which pages of `length` bytes from `offset` (a multiple of the page size) are cached, by mincore(2); 0: to the end.
    ///
    /// A kernel from 5.2 on says that every page of a file is cached to who neither owns it nor may write it.
    /// - Throws: of fstat(2) and mmap(2): ENODEV for a file that cannot be mapped.
    package static func presence(_ descriptor: FileDescriptor, offset: Int = 0, length: Int = 0) throws(Errno)
        -> [Bool]
    {
        var status = stat()
        _ = try systemCall { fstat(descriptor.rawValue, &status) }
        let toEnd = max(0, Int(status.st_size) - offset)
        let length = length == 0 ? toEnd : min(length, toEnd)
        guard length > 0 else { return [] }
        let mapped = mmap(nil, length, PROT_READ, MAP_PRIVATE, descriptor.rawValue, offset)
        guard let mapped, mapped != MAP_FAILED else { throw Errno(rawValue: errno) }
        defer { munmap(mapped, length) }
        // So that khugepaged finds nothing to collapse in it. EINVAL where there are no huge pages.
        madvise(mapped, length, Int32(FOLIO_MADV_NOHUGEPAGE))
        let page = Int(getpagesize())
        var flags = [UInt8](repeating: 0, count: (length + page - 1) / page)
        _ = try systemCall { mincore(mapped, length, &flags) }
        return flags.map { $0 & 1 != 0 }
    }
}
