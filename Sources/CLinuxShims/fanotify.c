#include "folio_fanotify.h"
#include <fcntl.h>
#include <stddef.h>
#include <sys/fanotify.h>

#ifndef FAN_REPORT_TARGET_FID
#define FAN_REPORT_TARGET_FID 0x1000
#endif
#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x200
#endif

_Static_assert(FOLIO_FAN_MODIFY == FAN_MODIFY && FOLIO_FAN_ATTRIB == FAN_ATTRIB, "events");
_Static_assert(FOLIO_FAN_CLOSE_WRITE == FAN_CLOSE_WRITE && FOLIO_FAN_CREATE == FAN_CREATE, "events");
_Static_assert(FOLIO_FAN_MOVED_FROM == FAN_MOVED_FROM && FOLIO_FAN_MOVED_TO == FAN_MOVED_TO, "events");
_Static_assert(FOLIO_FAN_DELETE == FAN_DELETE && FOLIO_FAN_DELETE_SELF == FAN_DELETE_SELF, "events");
_Static_assert(FOLIO_FAN_Q_OVERFLOW == FAN_Q_OVERFLOW && FOLIO_FAN_ONDIR == FAN_ONDIR, "events");
_Static_assert(FOLIO_FAN_INFO_FID == FAN_EVENT_INFO_TYPE_FID, "info");
_Static_assert(FOLIO_FAN_INFO_DIRECTORY_NAME == FAN_EVENT_INFO_TYPE_DFID_NAME, "info");
_Static_assert(FOLIO_FAN_INFO_DIRECTORY == FAN_EVENT_INFO_TYPE_DFID, "info");
_Static_assert(sizeof(struct folio_fanotify_event) == sizeof(struct fanotify_event_metadata), "event");
_Static_assert(
    offsetof(struct folio_fanotify_event, mask) == offsetof(struct fanotify_event_metadata, mask), "event's mask");
_Static_assert(
    offsetof(struct folio_fanotify_event, process) == offsetof(struct fanotify_event_metadata, pid), "event's process");
_Static_assert(
    offsetof(struct folio_fanotify_info, handle_size) == offsetof(struct fanotify_event_info_fid, handle), "info");

int folio_fanotify_open(int unlimited) {
    return fanotify_init(
        FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_FID | FAN_REPORT_DFID_NAME | FAN_REPORT_TARGET_FID |
            (unlimited ? FAN_UNLIMITED_QUEUE : 0),
        O_RDONLY | O_LARGEFILE | O_CLOEXEC);
}

int folio_fanotify_watch(int group, uint64_t mask, int directory) {
    return fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, mask, directory, ".");
}

int folio_fanotify_ignore(int group, const char *path, int ignore) {
    unsigned flags = FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY;
    if (ignore) flags |= FAN_MARK_ADD | FAN_MARK_EVICTABLE;
    else flags |= FAN_MARK_REMOVE;
    return fanotify_mark(group, flags, FAN_MODIFY, AT_FDCWD, path);
}
