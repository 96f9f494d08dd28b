// openat2(2): no glibc wrapper on Debian 12, and a variadic syscall(2) does not import into Swift. Goes when glibc has it.
#ifndef FOLIO_OPENAT2_H
#define FOLIO_OPENAT2_H
#include <stdint.h>

enum {
    FOLIO_RESOLVE_NO_XDEV = 0x01,
    FOLIO_RESOLVE_NO_MAGICLINKS = 0x02,
    FOLIO_RESOLVE_NO_SYMLINKS = 0x04,
    FOLIO_RESOLVE_BENEATH = 0x08,
    FOLIO_RESOLVE_IN_ROOT = 0x10,
};

/// Returns a descriptor, or -1 with errno (openat2(2)).
int folio_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
#endif
