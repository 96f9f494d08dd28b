// getxattr(2) and its kin: sys/xattr.h is not in Swift's Glibc module. Goes when it is.
#ifndef FOLIO_ATTRIBUTE_H
#define FOLIO_ATTRIBUTE_H
#include <sys/xattr.h>
#endif
