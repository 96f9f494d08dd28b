// madvise(2) values newer than glibc 2.36, and process_madvise(2), which Glibc hides from Swift. Goes when Swift imports them.
#ifndef FOLIO_ADVICE_H
#define FOLIO_ADVICE_H
#include <stddef.h>
#include <sys/types.h>

enum {
    FOLIO_MADV_NORMAL = 0,
    FOLIO_MADV_RANDOM = 1,
    FOLIO_MADV_SEQUENTIAL = 2,
    FOLIO_MADV_DONTNEED = 4,
    FOLIO_MADV_HUGEPAGE = 14,
    FOLIO_MADV_NOHUGEPAGE = 15,
    FOLIO_MADV_POPULATE_READ = 22,
    FOLIO_MADV_POPULATE_WRITE = 23,
    FOLIO_MADV_COLLAPSE = 25,
};

/// pidfd_open(2): a descriptor of process `pid`, or -1 with errno.
int folio_pidfd_open(pid_t pid);
/// process_madvise(2) of one range: the bytes advised, or -1 with errno.
ssize_t folio_process_madvise(int pidfd, void *address, size_t length, int advice);
#endif
