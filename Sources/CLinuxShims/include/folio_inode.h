// FS_IOC_GETFLAGS, statfs(2) and lease constants: variadic, not in Swift's Glibc module, or behind _GNU_SOURCE.
#ifndef FOLIO_INODE_H
#define FOLIO_INODE_H
#include <stdint.h>

/// What of struct statfs is used.
struct folio_statfs {
    uint64_t magic, block_size, blocks, available;
};

enum {
    FOLIO_F_SETSIG = 10,
    FOLIO_F_SETLEASE = 1024,
};

/// FS_IOC_GETFLAGS: the flags chattr(1) shows. Returns 0, or -1 with errno.
int folio_inode_flags(int descriptor, uint32_t *flags);

/// statfs(2). Returns 0, or -1 with errno.
int folio_statfs(const char *path, struct folio_statfs *status);
#endif
