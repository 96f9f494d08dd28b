#include "folio_mode.h"
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int folio_change_mode(int path, mode_t mode) { return (int)syscall(452, path, "", mode, AT_EMPTY_PATH); }
