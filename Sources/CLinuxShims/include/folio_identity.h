// Credentials and umask of one thread: glibc's setgroups(2) changes every thread, unshare(2) and setfsuid(2) are hidden from
// Swift.
#ifndef FOLIO_IDENTITY_H
#define FOLIO_IDENTITY_H
#include <stddef.h>
#include <sys/types.h>

/// unshare(CLONE_FS): gives this thread a umask of its own. Returns 0, or -1 with errno.
int folio_own_umask(void);
/// setfsuid(2) of this thread; the capabilities over files follow it. Returns 0, or -1 with EPERM.
int folio_assume_user(uid_t user);
/// setfsgid(2) of this thread. Returns 0, or -1 with EPERM.
int folio_assume_group(gid_t group);
/// setgroups(2) of this thread alone. Returns 0, or -1 with errno.
int folio_assume_groups(size_t count, const gid_t *groups);
#endif
