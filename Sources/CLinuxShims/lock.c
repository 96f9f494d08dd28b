#include "folio_lock.h"
#include <fcntl.h>
#include <signal.h>

static struct flock range(struct folio_lock lock) {
    return (struct flock){.l_type = lock.type, .l_whence = SEEK_SET, .l_start = lock.start, .l_len = lock.length};
}

int folio_lock_query(int file, struct folio_lock *lock) {
    struct flock found = range(*lock);
    if (fcntl(file, F_OFD_GETLK, &found) != 0) return -1;
    *lock = (struct folio_lock){found.l_start, found.l_len, found.l_pid, found.l_type};
    return 0;
}

int folio_lock_set(int file, struct folio_lock lock, int waits) {
    struct flock wanted = range(lock);
    return fcntl(file, waits ? F_OFD_SETLKW : F_OFD_SETLK, &wanted);
}

static void wake(int signal) { (void)signal; }

int folio_lock_wake_signal(void) {
    struct sigaction action = {.sa_handler = wake};
    sigaction(SIGURG, &action, NULL);
    return SIGURG;
}
