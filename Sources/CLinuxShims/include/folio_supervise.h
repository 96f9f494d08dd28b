// clone(2), memfd_create(2) and madvise(2) are hidden from Swift or unavailable in it, and so are plain atomic stores to memory that
// processes share.
#ifndef FOLIO_SUPERVISE_H
#define FOLIO_SUPERVISE_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// fork(2) of a process of one thread whose child shares its table of descriptors (CLONE_FILES): what either opens is open in both,
/// and stays open when either ends. glibc is not told: the child starts a thread and leaves its first one alone.
/// Returns the child's id, 0 in the child, or -1 with errno.
pid_t folio_fork_sharing_descriptors(void);
/// prctl(PR_SET_PDEATHSIG, `signal`). Returns 0, or -1 with errno.
int folio_signal_with_parent(int signal);
/// memfd_create(2), close-on-exec. Returns a descriptor, or -1 with errno.
int folio_shared_memory(const char *name);
/// madvise(MADV_POPULATE_WRITE): has pages there before they are written to. Returns 0, or -1 with errno.
int folio_populate(void *address, size_t length);
/// sigtimedwait(2) of a sigset_t for at most `milliseconds`, negative: for ever. Returns the signal, or -1 with errno.
int folio_await_signal(const void *signals, int milliseconds);
/// Stores a word after everything that was stored before it.
static inline void folio_store_word(void *place, uint64_t value) {
    __atomic_store_n((uint64_t *)place, value, __ATOMIC_RELEASE);
}

static inline uint64_t folio_load_word(const void *place) {
    return __atomic_load_n((const uint64_t *)place, __ATOMIC_ACQUIRE);
}
#endif
