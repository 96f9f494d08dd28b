// strerrorname_np(3): glibc hides it from Swift behind _GNU_SOURCE. Goes when Swift's Glibc module shows it.
#ifndef FOLIO_ERRNO_H
#define FOLIO_ERRNO_H

/// The name of an errno such as "EINVAL", static; NULL for a number that is none.
const char *folio_errno_name(int number);
#endif
