#include "folio_tmpfs.h"
#include <errno.h>
#include <sys/mount.h>
#include <unistd.h>

int folio_detached_tmpfs(const char *huge, const char *size) {
    int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (context < 0) return -1;
    int root = -1;
    if (fsconfig(context, FSCONFIG_SET_STRING, "huge", huge, 0) == 0 &&
        fsconfig(context, FSCONFIG_SET_STRING, "size", size, 0) == 0 &&
        fsconfig(context, FSCONFIG_SET_STRING, "mode", "0700", 0) == 0 &&
        fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        root = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID);
    int failure = errno;
    close(context);
    errno = failure;
    return root;
}
