#include "folio_event.h"
#include <sys/eventfd.h>

int folio_event_descriptor(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
