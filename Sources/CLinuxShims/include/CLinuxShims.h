// Umbrella of what Swift cannot import from Linux's headers; one topic, one header.
#ifndef FOLIO_CLINUXSHIMS_H
#define FOLIO_CLINUXSHIMS_H
#include "folio_advice.h"
#include "folio_attribute.h"
#include "folio_cachestat.h"
#include "folio_confine.h"
#include "folio_capability.h"
#include "folio_errno.h"
#include "folio_filesystem.h"
#include "folio_fanotify.h"
#include "folio_handle.h"
#include "folio_identity.h"
#include "folio_inode.h"
#include "folio_lock.h"
#include "folio_openat2.h"
#include "folio_pagemap.h"
#include "folio_process.h"
#include "folio_socket.h"
#include "folio_source.h"
#include "folio_statx.h"
#include "folio_tmpfs.h"
#include "folio_touch.h"
#endif
