// statx(2) and its struct: hidden from Swift behind _GNU_SOURCE. Goes when Swift's Glibc module shows them.
#ifndef FOLIO_STATX_H
#define FOLIO_STATX_H
#include <stdint.h>

struct folio_statx_time {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t reserved;
};

/// struct statx of linux/stat.h, with the two direct I/O alignments of 6.1.
struct folio_statx {
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t links, user, group;
    uint16_t mode, reserved0;
    uint64_t inode, size, blocks, attributes_mask;
    struct folio_statx_time access, birth, change, modification;
    uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
    uint64_t mount_id;
    uint32_t dio_memory_align, dio_offset_align;
    uint64_t reserved1[12];
};

enum {
    FOLIO_AT_SYMLINK_NOFOLLOW = 0x100,
    FOLIO_AT_NO_AUTOMOUNT = 0x800,
    FOLIO_AT_EMPTY_PATH = 0x1000,
    FOLIO_STATX_BASIC_STATS = 0x7ff,
    FOLIO_STATX_BTIME = 0x800,
    FOLIO_STATX_MNT_ID = 0x1000,
    FOLIO_STATX_DIOALIGN = 0x2000,
    FOLIO_STATX_ATTR_COMPRESSED = 0x4,
    FOLIO_STATX_ATTR_IMMUTABLE = 0x10,
    FOLIO_STATX_ATTR_ENCRYPTED = 0x800,
    FOLIO_STATX_ATTR_VERITY = 0x100000,
    FOLIO_STATX_ATTR_DAX = 0x200000,
};

/// Returns 0, or -1 with errno (statx(2)).
int folio_statx(int directory, const char *path, int flags, unsigned mask, struct folio_statx *status);
#endif
