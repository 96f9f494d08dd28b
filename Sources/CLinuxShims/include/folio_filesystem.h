// fstatfs(2): struct statfs hides its filesystem id from Swift in a struct of its own.
#ifndef FOLIO_FILESYSTEM_H
#define FOLIO_FILESYSTEM_H
#include <stdint.h>

/// What tells filesystems apart: f_type, and f_fsid as fanotify(7) reports it, its two words in memory order.
struct folio_filesystem {
    uint64_t magic, id;
};

/// fstatfs(2) of an open file. Returns 0, or -1 with errno.
int folio_filesystem_of(int file, struct folio_filesystem *filesystem);
#endif
