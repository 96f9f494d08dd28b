// fork(2) is unavailable in Swift, unshare(2) hidden, prctl(2) variadic. Goes when a Swift package has the three.
#ifndef FOLIO_PROCESS_H
#define FOLIO_PROCESS_H
#include <stddef.h>
#include <sys/types.h>

enum {
    FOLIO_SPAWN_SETSID = 0x80,
    FOLIO_MNT_FORCE = 1,
    FOLIO_MNT_DETACH = 2,
    FOLIO_MS_BIND = 4096,
};

/// unshare(CLONE_NEWNS), with every mount made private. Returns 0, or -1 with errno. One thread only.
int folio_private_mount_namespace(void);
/// The same, with what is mounted and unmounted elsewhere seen, and nothing of its own seen there.
int folio_dependent_mount_namespace(void);
/// setns(2) with CLONE_NEWNS. Returns 0, or -1 with errno. One thread only.
int folio_enter_mount_namespace(int namespace);
/// prctl(PR_SET_THP_DISABLE). Returns 0, or -1 with errno.
int folio_set_thp_disabled(int disabled);
/// prctl(PR_SET_THP_DISABLE) with PR_THP_DISABLE_EXCEPT_ADVISED, of Linux 6.18. Returns 0, or -1 with errno.
int folio_set_thp_disabled_except_advised(void);
/// prctl(PR_GET_THP_DISABLE). Returns 0, 1, or from 6.18 on 3 where what is advised is spared, or -1 with errno.
int folio_thp_disabled(void);
/// A child that reads one byte every `step` bytes of [address, address + length), writes one byte to `ready` and then
/// waits to be killed; it dies with its parent. Returns its pid, or -1 with errno.
pid_t folio_fork_toucher(const void *address, size_t length, size_t step, int ready);
/// A child that runs `path` with `arguments`, its standard output and error on `output`; it dies with its parent.
/// Returns its pid, or -1 with errno; a failed exec is exit status 127.
pid_t folio_spawn(const char *path, char *const arguments[], int output);
/// posix_spawn_file_actions_addclosefrom_np(3) of a posix_spawn_file_actions_t: closes every descriptor from `first` on.
/// Returns 0, or an errno.
int folio_spawn_close_from(void *actions, int first);
/// fork(2) of a process of one thread; the child dies with its parent. Returns its pid, 0 in the child, or -1 with errno.
pid_t folio_fork(void);
/// The same in a session of its own; the child outlives its parent.
pid_t folio_fork_survivor(void);
/// prctl(PR_SET_PDEATHSIG, SIGKILL), which a change of user ids takes back. Returns 0, or -1 with errno.
int folio_die_with_parent(void);
/// dup3(2), closed on exec. Returns `to`, or -1 with errno.
int folio_replace_descriptor(int from, int to);
/// umount2(2). Returns 0, or -1 with errno.
int folio_unmount(const char *path, int flags);
#endif
