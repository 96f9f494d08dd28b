// cachestat(2), 6.5: no glibc wrapper on Debian 12, and a variadic syscall(2) does not import. Goes when glibc has it.
#ifndef FOLIO_CACHESTAT_H
#define FOLIO_CACHESTAT_H
#include <stdint.h>

/// struct cachestat of linux/mman.h, in pages.
struct folio_cachestat_pages {
    uint64_t cached;
    uint64_t dirty;
    uint64_t writeback;
    uint64_t evicted;
    uint64_t recently_evicted;
};

/// Counts the pages of `length` bytes from `offset`; length 0: to the end. Returns 0, or -1 with errno (ENOSYS before 6.5).
int folio_cachestat(int descriptor, uint64_t offset, uint64_t length, struct folio_cachestat_pages *pages);
#endif
