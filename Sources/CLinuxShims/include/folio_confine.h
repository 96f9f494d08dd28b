// capset(2), prctl(2) and setrlimit(2) with values Swift does not import: variadic, enums in macros. Goes when it does.
#ifndef FOLIO_CONFINE_H
#define FOLIO_CONFINE_H
#include <stdint.h>

/// Gives up every capability of this thread for good (capabilities(7): no set keeps any, none can be gained by execve(2)),
/// and dies with its parent. Returns 0, or -1 with errno.
int folio_give_up_capabilities(void);
/// Limits on bytes of memory, descriptors and bytes in a file, and no core. Returns 0, or -1 with errno.
int folio_limit_resources(uint64_t memory, uint64_t descriptors, uint64_t file_size);
#endif
