#include "folio_touch.h"

void folio_touch(const void *address, size_t length, size_t step) {
    for (size_t offset = 0; step > 0 && offset < length; offset += step)
        (void)*((const volatile char *)address + offset);
}
