// name_to_handle_at(2) and open_by_handle_at(2), hidden from Swift behind _GNU_SOURCE, with a handle of fixed size.
#ifndef FOLIO_HANDLE_H
#define FOLIO_HANDLE_H
#include <stdint.h>

/// struct file_handle with room for the largest handle (MAX_HANDLE_SZ).
struct folio_handle {
    uint32_t size;
    int32_t type;
    uint8_t bytes[128];
};

/// Fills `handle` with that of the open file. Returns 0, or -1 with errno (EOPNOTSUPP: the filesystem has none).
int folio_file_handle(int file, struct folio_handle *handle);
/// Fills `handle` with that of a directory's entry, symbolic links not followed, and `mount` with the id of its mount.
/// Returns 0, or -1 with errno.
int folio_name_handle(int directory, const char *name, struct folio_handle *handle, int *mount);
/// Opens a handle of the filesystem that `mount` is on. Returns a descriptor, or -1 with errno (ESTALE: it is gone).
int folio_open_handle(int mount, const struct folio_handle *handle, int flags);
#endif
