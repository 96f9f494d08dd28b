// PAGEMAP_SCAN: ioctl(2) is variadic and the struct is newer than Debian 12's headers. Goes when Swift has ioctl and they have it.
#ifndef FOLIO_PAGEMAP_H
#define FOLIO_PAGEMAP_H
#include <stddef.h>
#include <stdint.h>

enum {
    FOLIO_PAGE_IS_FILE = 1 << 2,
    FOLIO_PAGE_IS_PRESENT = 1 << 3,
    FOLIO_PAGE_IS_SWAPPED = 1 << 4,
    FOLIO_PAGE_IS_HUGE = 1 << 6,
};

/// struct page_region of linux/fs.h: a range of addresses with the same categories.
struct folio_page_region {
    uint64_t start;
    uint64_t end;
    uint64_t categories;
};

/// Fills `regions` with ranges of [start, end) that have every category of `required`, each with its categories of
/// `reported`. Returns how many, or -1 with errno (ENOTTY before Linux 6.7); `walk_end` is where the walk ended.
long folio_pagemap_scan(int pagemap, uint64_t start, uint64_t end, uint64_t required, uint64_t reported,
                        struct folio_page_region *regions, size_t count, uint64_t *walk_end);
#endif
