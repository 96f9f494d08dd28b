// eventfd(2): not in Swift's Glibc module. Goes when it is.
#ifndef FOLIO_EVENT_H
#define FOLIO_EVENT_H

/// A close-on-exec event counter that does not block, or -1 with errno.
int folio_event_descriptor(void);
#endif
