#include "folio_advice.h"
#include <linux/mman.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

_Static_assert(FOLIO_MADV_NORMAL == MADV_NORMAL && FOLIO_MADV_RANDOM == MADV_RANDOM, "MADV_NORMAL, MADV_RANDOM");
_Static_assert(FOLIO_MADV_SEQUENTIAL == MADV_SEQUENTIAL, "MADV_SEQUENTIAL");
_Static_assert(FOLIO_MADV_DONTNEED == MADV_DONTNEED, "MADV_DONTNEED");
_Static_assert(FOLIO_MADV_HUGEPAGE == MADV_HUGEPAGE, "MADV_HUGEPAGE");
_Static_assert(FOLIO_MADV_NOHUGEPAGE == MADV_NOHUGEPAGE, "MADV_NOHUGEPAGE");
_Static_assert(FOLIO_MADV_POPULATE_READ == MADV_POPULATE_READ, "MADV_POPULATE_READ");
_Static_assert(FOLIO_MADV_POPULATE_WRITE == MADV_POPULATE_WRITE, "MADV_POPULATE_WRITE");
#ifdef MADV_COLLAPSE
_Static_assert(FOLIO_MADV_COLLAPSE == MADV_COLLAPSE, "MADV_COLLAPSE");
#endif

int folio_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

ssize_t folio_process_madvise(int pidfd, void *address, size_t length, int advice) {
    struct iovec range = {.iov_base = address, .iov_len = length};
    return syscall(SYS_process_madvise, pidfd, &range, 1, advice, 0);
}
