// Reading memory for the page fault alone: Swift has no volatile load, and its optimizer drops one whose value is unused.
#ifndef FOLIO_TOUCH_H
#define FOLIO_TOUCH_H
#include <stddef.h>

/// Reads one byte every `step` bytes of [address, address + length); step 0: none.
void folio_touch(const void *address, size_t length, size_t step);
#endif
