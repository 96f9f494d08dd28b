#include "folio_handle.h"
#include <fcntl.h>
#include <stddef.h>

_Static_assert(offsetof(struct folio_handle, bytes) == offsetof(struct file_handle, f_handle), "file_handle");
_Static_assert(sizeof(((struct folio_handle *)0)->bytes) == MAX_HANDLE_SZ, "MAX_HANDLE_SZ");

int folio_file_handle(int file, struct folio_handle *handle) {
    int mount;
    handle->size = sizeof handle->bytes;
    return name_to_handle_at(file, "", (struct file_handle *)handle, &mount, AT_EMPTY_PATH);
}

int folio_name_handle(int directory, const char *name, struct folio_handle *handle, int *mount) {
    handle->size = sizeof handle->bytes;
    return name_to_handle_at(directory, name, (struct file_handle *)handle, mount, 0);
}

int folio_open_handle(int mount, const struct folio_handle *handle, int flags) {
    return open_by_handle_at(mount, (struct file_handle *)handle, flags);
}
