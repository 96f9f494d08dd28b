// capget(2) and capset(2) have no wrapper in glibc, prctl(2) is variadic. Goes when a Swift package has them.
#ifndef FOLIO_CAPABILITY_H
#define FOLIO_CAPABILITY_H
#include <stdint.h>

/// One thread's sets, bit n being capability n of linux/capability.h.
struct folio_capabilities {
    uint64_t effective, permitted, inheritable;
};

/// The calling thread's sets. Returns 0, or -1 with errno.
int folio_get_capabilities(struct folio_capabilities *sets);
/// Makes the sets those of the calling thread; threads that it starts inherit them. Returns 0, or -1 with errno.
int folio_set_capabilities(const struct folio_capabilities *sets);
/// PR_CAPBSET_DROP. Returns 0, or -1 with errno: EPERM without CAP_SETPCAP, EINVAL above the last capability.
int folio_drop_bounding(int capability);
/// PR_SET_NO_NEW_PRIVS for the calling thread and those that it starts. Returns 0, or -1 with errno.
int folio_set_no_new_privileges(void);
/// PR_SET_DUMPABLE: without it no core is written, and /proc/PID and ptrace(2) ask for CAP_SYS_PTRACE. Returns 0, or -1
/// with errno.
int folio_set_dumpable(int dumpable);
#endif
