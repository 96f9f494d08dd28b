// Calls on the source tree that Glibc hides from Swift behind _GNU_SOURCE or that are variadic: O_PATH, renameat2, fallocate,
// copy_file_range, getdents64, ioctl.
#ifndef FOLIO_SOURCE_H
#define FOLIO_SOURCE_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    FOLIO_O_PATH = 010000000,
    FOLIO_O_DIRECTORY = 0200000,
    FOLIO_O_NOFOLLOW = 0400000,
    FOLIO_O_DIRECT = 040000,
    FOLIO_O_NOATIME = 01000000,
    FOLIO_O_TMPFILE = 020200000,
    FOLIO_SEEK_DATA = 3,
    FOLIO_SEEK_HOLE = 4,
    FOLIO_FALLOC_KEEP_SIZE = 1,
    FOLIO_FALLOC_PUNCH_HOLE = 2,
    FOLIO_RENAME_EXCHANGE = 2,
    FOLIO_RENAME_WHITEOUT = 4,
};

/// struct linux_dirent64 without its name, which follows at byte 19, NUL-terminated.
struct folio_directory_entry {
    uint64_t inode;
    int64_t next;
    uint16_t length;
    uint8_t type;
} __attribute__((packed));

/// renameat2(2): 0, or -1 with errno.
int folio_rename(int directory, const char *name, int new_directory, const char *new_name, uint32_t flags);
/// fallocate(2): 0, or -1 with errno.
int folio_allocate(int file, int mode, int64_t offset, int64_t length);
/// copy_file_range(2): bytes copied, or -1 with errno.
ssize_t folio_copy_range(int input, int64_t *from, int output, int64_t *to, size_t length, uint32_t flags);
/// getdents64(2): bytes filled, 0 at the end, or -1 with errno.
ssize_t folio_read_directory(int directory, void *buffer, size_t size);
/// ioctl(2): its result, or -1 with errno.
int folio_control(int file, unsigned long command, void *argument);
/// syncfs(2): 0, or -1 with errno.
int folio_synchronize_filesystem(int file);
#endif
