#include "folio_filesystem.h"
#include <string.h>
#include <sys/vfs.h>

int folio_filesystem_of(int file, struct folio_filesystem *filesystem) {
    struct statfs raw;
    if (fstatfs(file, &raw) != 0) return -1;
    filesystem->magic = (uint32_t)raw.f_type;
    _Static_assert(sizeof raw.f_fsid == sizeof filesystem->id, "f_fsid");
    memcpy(&filesystem->id, &raw.f_fsid, sizeof filesystem->id);
    return 0;
}
