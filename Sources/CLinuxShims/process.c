#include "folio_process.h"
#include "folio_touch.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

int folio_private_mount_namespace(void) {
    if (unshare(CLONE_NEWNS) != 0) return -1;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

int folio_dependent_mount_namespace(void) {
    if (unshare(CLONE_NEWNS) != 0) return -1;
    return mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL);
}

int folio_enter_mount_namespace(int namespace) { return setns(namespace, CLONE_NEWNS); }

int folio_set_thp_disabled(int disabled) { return prctl(PR_SET_THP_DISABLE, disabled, 0, 0, 0); }

int folio_set_thp_disabled_except_advised(void) { return prctl(PR_SET_THP_DISABLE, 1, 1 << 1, 0, 0); }

int folio_thp_disabled(void) { return prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0); }

pid_t folio_fork_toucher(const void *address, size_t length, size_t step, int ready) {
    pid_t child = fork();
    if (child != 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    folio_touch(address, length, step);
    if (write(ready, "", 1) != 1) _exit(1);
    for (;;) pause();
}

pid_t folio_spawn(const char *path, char *const arguments[], int output) {
    pid_t child = fork();
    if (child != 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    if (dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(127);
    execv(path, arguments);
    _exit(127);
}

int folio_spawn_close_from(void *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

pid_t folio_fork(void) {
    pid_t child = fork();
    if (child == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
    return child;
}

pid_t folio_fork_survivor(void) {
    pid_t child = fork();
    if (child == 0) setsid();
    return child;
}

int folio_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }

int folio_unmount(const char *path, int flags) { return umount2(path, flags); }

int folio_replace_descriptor(int from, int to) { return dup3(from, to, O_CLOEXEC); }
