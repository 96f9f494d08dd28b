#include "folio_supervise.h"
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
_Static_assert(MADV_POPULATE_WRITE == 23, "MADV_POPULATE_WRITE");

pid_t folio_fork_sharing_descriptors(void) { return (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0); }

int folio_signal_with_parent(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }

int folio_shared_memory(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int folio_populate(void *address, size_t length) { return madvise(address, length, MADV_POPULATE_WRITE); }

int folio_await_signal(const void *signals, int milliseconds) {
    struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    return milliseconds < 0 ? sigwaitinfo(signals, NULL) : sigtimedwait(signals, NULL, &limit);
}
