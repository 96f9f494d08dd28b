// Credentials and umask of one thread: glibc's setgroups(2) changes every thread, unshare(2) and setfsuid(2) are hidden from
// Swift.
#ifndef FOLIO_IDENTITY_H
#define FOLIO_IDENTITY_H
#include <stddef.h>
#include <sys/types.h>

/// unshare(CLONE_FS): gives this thread a umask of its own. Returns 0, or -1 with errno.
int folio_own_umask(void);
/// setfsgid(2) and setfsuid(2) of this thread; the capabilities over files follow the user. Returns 0, or -1 with EPERM.
int folio_assume_ids(uid_t user, gid_t group);
/// setgroups(2) of this thread alone. Returns 0, or -1 with errno.
int folio_assume_groups(size_t count, const gid_t *groups);
#endif
