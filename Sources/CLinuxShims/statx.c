#include "folio_statx.h"
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

_Static_assert(sizeof(struct folio_statx) == sizeof(struct statx), "size of struct statx");
_Static_assert(offsetof(struct folio_statx, mode) == offsetof(struct statx, stx_mode), "stx_mode");
_Static_assert(offsetof(struct folio_statx, attributes_mask) == offsetof(struct statx, stx_attributes_mask), "mask");
_Static_assert(offsetof(struct folio_statx, modification) == offsetof(struct statx, stx_mtime), "stx_mtime");
_Static_assert(offsetof(struct folio_statx, mount_id) == offsetof(struct statx, stx_mnt_id), "stx_mnt_id");
_Static_assert(FOLIO_AT_SYMLINK_NOFOLLOW == AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW");
_Static_assert(FOLIO_AT_NO_AUTOMOUNT == AT_NO_AUTOMOUNT, "AT_NO_AUTOMOUNT");
_Static_assert(FOLIO_AT_EMPTY_PATH == AT_EMPTY_PATH, "AT_EMPTY_PATH");
_Static_assert(FOLIO_STATX_BASIC_STATS == STATX_BASIC_STATS, "STATX_BASIC_STATS");
_Static_assert(FOLIO_STATX_BTIME == STATX_BTIME, "STATX_BTIME");
_Static_assert(FOLIO_STATX_MNT_ID == STATX_MNT_ID, "STATX_MNT_ID");
_Static_assert(FOLIO_STATX_ATTR_COMPRESSED == STATX_ATTR_COMPRESSED, "STATX_ATTR_COMPRESSED");
_Static_assert(FOLIO_STATX_ATTR_IMMUTABLE == STATX_ATTR_IMMUTABLE, "STATX_ATTR_IMMUTABLE");
_Static_assert(FOLIO_STATX_ATTR_ENCRYPTED == STATX_ATTR_ENCRYPTED, "STATX_ATTR_ENCRYPTED");
_Static_assert(FOLIO_STATX_ATTR_VERITY == STATX_ATTR_VERITY, "STATX_ATTR_VERITY");
_Static_assert(FOLIO_STATX_ATTR_DAX == STATX_ATTR_DAX, "STATX_ATTR_DAX");

int folio_statx(int directory, const char *path, int flags, unsigned mask, struct folio_statx *status) {
    return statx(directory, path, flags, mask, (struct statx *)status);
}
