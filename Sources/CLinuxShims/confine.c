#include "folio_confine.h"
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int folio_give_up_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return -1;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    // Without CAP_SETPCAP the bounding set stays as it is, and no_new_privs keeps it from mattering.
    for (unsigned capability = 0; capability < 64; capability++) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return (int)syscall(SYS_capset, &header, none);
}

int folio_limit_resources(uint64_t memory, uint64_t descriptors, uint64_t file_size) {
    struct rlimit limits[] = {{memory, memory}, {descriptors, descriptors}, {file_size, file_size}, {0, 0}};
    __typeof__(RLIMIT_AS) names[] = {RLIMIT_AS, RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CORE};
    for (int index = 0; index < 4; index++) {
        if (setrlimit(names[index], &limits[index]) != 0) return -1;
    }
    return 0;
}
