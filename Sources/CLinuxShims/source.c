#include "folio_source.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(FOLIO_O_PATH == O_PATH, "O_PATH");
_Static_assert(FOLIO_O_DIRECTORY == O_DIRECTORY, "O_DIRECTORY");
_Static_assert(FOLIO_O_NOFOLLOW == O_NOFOLLOW, "O_NOFOLLOW");
_Static_assert(FOLIO_O_DIRECT == O_DIRECT, "O_DIRECT");
_Static_assert(FOLIO_O_NOATIME == O_NOATIME, "O_NOATIME");
_Static_assert(FOLIO_O_TMPFILE == O_TMPFILE, "O_TMPFILE");
_Static_assert(FOLIO_SEEK_DATA == SEEK_DATA, "SEEK_DATA");
_Static_assert(FOLIO_SEEK_HOLE == SEEK_HOLE, "SEEK_HOLE");
_Static_assert(FOLIO_FALLOC_KEEP_SIZE == FALLOC_FL_KEEP_SIZE, "FALLOC_FL_KEEP_SIZE");
_Static_assert(FOLIO_FALLOC_PUNCH_HOLE == FALLOC_FL_PUNCH_HOLE, "FALLOC_FL_PUNCH_HOLE");
_Static_assert(FOLIO_RENAME_EXCHANGE == RENAME_EXCHANGE, "RENAME_EXCHANGE");
_Static_assert(FOLIO_RENAME_WHITEOUT == RENAME_WHITEOUT, "RENAME_WHITEOUT");
_Static_assert(sizeof(struct folio_directory_entry) == 19, "linux_dirent64");

int folio_rename(int directory, const char *name, int new_directory, const char *new_name, uint32_t flags) {
    return renameat2(directory, name, new_directory, new_name, flags);
}

int folio_allocate(int file, int mode, int64_t offset, int64_t length) { return fallocate(file, mode, offset, length); }

ssize_t folio_copy_range(int input, int64_t *from, int output, int64_t *to, size_t length, uint32_t flags) {
    return copy_file_range(input, from, output, to, length, flags);
}

ssize_t folio_read_directory(int directory, void *buffer, size_t size) {
    return syscall(SYS_getdents64, directory, buffer, size);
}

int folio_control(int file, unsigned long command, void *argument) { return ioctl(file, command, argument); }

int folio_synchronize_filesystem(int file) { return syncfs(file); }
