// vmsplice(2), which Glibc hides from Swift. Goes when Swift imports it.
#ifndef FOLIO_PIN_H
#define FOLIO_PIN_H
#include <stddef.h>
#include <sys/types.h>

/// vmsplice(2) of one range into a pipe, which then holds a reference to every page of it: bytes taken, or -1 with errno.
ssize_t folio_vmsplice(int pipe, const void *address, size_t length);
#endif
