#include "folio_identity.h"
#include <errno.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

int folio_own_umask(void) { return unshare(CLONE_FS); }

int folio_assume_user(uid_t user) {
    setfsuid(user);
    if ((uid_t)setfsuid(-1) == user) return 0;
    errno = EPERM;
    return -1;
}

int folio_assume_group(gid_t group) {
    setfsgid(group);
    if ((gid_t)setfsgid(-1) == group) return 0;
    errno = EPERM;
    return -1;
}

int folio_assume_groups(size_t count, const gid_t *groups) { return (int)syscall(SYS_setgroups, count, groups); }
