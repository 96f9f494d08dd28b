// fcntl(2)'s open file description locks: variadic, and behind _GNU_SOURCE.
#ifndef FOLIO_LOCK_H
#define FOLIO_LOCK_H
#include <stdint.h>

/// A byte range of struct flock, from the start of the file; length 0: to its end.
struct folio_lock {
    int64_t start, length;
    int32_t process;
    int16_t type;
};

/// F_OFD_GETLK: 0 and the lock in the way (type F_UNLCK: none), or -1 with errno.
int folio_lock_query(int file, struct folio_lock *lock);
/// F_OFD_SETLK, or F_OFD_SETLKW where `waits`: 0, or -1 with errno (EINTR: a signal ended the wait).
int folio_lock_set(int file, struct folio_lock lock, int waits);
/// Installs a handler that does nothing for the signal that ends a wait for a lock. Returns the signal's number.
int folio_lock_wake_signal(void);
#endif
