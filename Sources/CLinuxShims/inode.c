#include "folio_inode.h"
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

_Static_assert(sizeof(struct folio_ext4_parameters) == 232, "struct ext4_tune_sb_params");
_Static_assert(FOLIO_BLKBSZGET == BLKBSZGET, "BLKBSZGET");
_Static_assert(FOLIO_F_SETSIG == F_SETSIG, "F_SETSIG");
_Static_assert(FOLIO_F_SETLEASE == F_SETLEASE, "F_SETLEASE");

int folio_inode_flags(int descriptor, uint32_t *flags) {
    // The kernel writes an int, whatever the ioctl's number says (ioctl_iflags(2)).
    return ioctl(descriptor, FS_IOC_GETFLAGS, flags);
}

int folio_ext4_parameters(int descriptor, struct folio_ext4_parameters *parameters) {
    return ioctl(descriptor, _IOR('f', 45, struct folio_ext4_parameters), parameters);
}

int folio_statfs(const char *path, struct folio_statfs *status) {
    struct statfs raw;
    if (statfs(path, &raw) != 0) return -1;
    status->magic = (uint32_t)raw.f_type;
    status->block_size = raw.f_bsize;
    status->blocks = raw.f_blocks;
    status->available = raw.f_bavail;
    return 0;
}
