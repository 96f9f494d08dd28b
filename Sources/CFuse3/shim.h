// libfuse 3.14's low-level API, as Debian 12 ships it.
#ifndef FOLIO_CFUSE3_SHIM_H
#define FOLIO_CFUSE3_SHIM_H
#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>
#endif
