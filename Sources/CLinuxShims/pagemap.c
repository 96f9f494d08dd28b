#include "folio_pagemap.h"
#include <sys/ioctl.h>

// struct pm_scan_arg of Linux 6.7 include/uapi/linux/fs.h.
struct folio_pm_scan_arg {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define FOLIO_PAGEMAP_SCAN _IOWR('f', 16, struct folio_pm_scan_arg)

_Static_assert(sizeof(struct folio_pm_scan_arg) == 96, "struct pm_scan_arg");
_Static_assert(sizeof(struct folio_page_region) == 24, "struct page_region");
_Static_assert(FOLIO_PAGEMAP_SCAN == 0xC0606610, "PAGEMAP_SCAN");

long folio_pagemap_scan(int pagemap, uint64_t start, uint64_t end, uint64_t required, uint64_t reported,
                        struct folio_page_region *regions, size_t count, uint64_t *walk_end) {
    struct folio_pm_scan_arg argument = {.size = sizeof argument, .start = start, .end = end,
                                         .vec = (uint64_t)(uintptr_t)regions, .vec_len = count,
                                         .category_mask = required, .return_mask = reported};
    long result = ioctl(pagemap, FOLIO_PAGEMAP_SCAN, &argument);
    *walk_end = argument.walk_end;
    return result;
}
