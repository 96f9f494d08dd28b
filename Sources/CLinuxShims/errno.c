#include "folio_errno.h"
#include <string.h>

const char *folio_errno_name(int number) {
    return strerrorname_np(number);
}
