// FS_IOC_GETFLAGS, BLKBSZGET, statfs(2) and lease constants: variadic, not in Swift's Glibc module, or behind _GNU_SOURCE.
#ifndef FOLIO_INODE_H
#define FOLIO_INODE_H
#include <stdint.h>

/// What of struct statfs is used.
struct folio_statfs {
    uint64_t magic, block_size, blocks, available;
};

enum {
    FOLIO_BLKBSZGET = 0x80081270,
    FOLIO_F_SETSIG = 10,
    FOLIO_F_SETLEASE = 1024,
};

/// FS_IOC_GETFLAGS: the flags chattr(1) shows. Returns 0, or -1 with errno.
int folio_inode_flags(int descriptor, uint32_t *flags);

/// struct ext4_tune_sb_params of linux/ext4.h (6.18), as far as it is used: 232 bytes on every 64-bit machine.
struct folio_ext4_parameters {
    uint32_t before[16];
    uint32_t compatible, incompatible, read_only_compatible;
    uint32_t after[39];
};

/// EXT4_IOC_GET_TUNE_SB_PARAM: the superblock of the ext4 that holds an open file; needs no privilege. Returns 0, or -1
/// with errno (ENOTTY before 6.18).
int folio_ext4_parameters(int descriptor, struct folio_ext4_parameters *parameters);

/// statfs(2). Returns 0, or -1 with errno.
int folio_statfs(const char *path, struct folio_statfs *status);
#endif
