#include "foliofs_version.h"

const char *foliofs_commit(void) { return FOLIOFS_COMMIT; }
