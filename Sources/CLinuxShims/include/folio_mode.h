// fchmodat2(2), 6.6: no glibc wrapper, and a variadic syscall(2) does not import into Swift. Goes when glibc has it.
#ifndef FOLIO_MODE_H
#define FOLIO_MODE_H
#include <sys/types.h>

/// chmod(2) of an O_PATH descriptor. Returns 0, or -1 with errno (ENOSYS before 6.6).
int folio_change_mode(int path, mode_t mode);
#endif
