// fanotify(7), which Glibc does not import into Swift, with names that Debian 12's headers lack.
#ifndef FOLIO_FANOTIFY_H
#define FOLIO_FANOTIFY_H
#include <stdint.h>

enum {
    FOLIO_FAN_MODIFY = 0x2,
    FOLIO_FAN_ATTRIB = 0x4,
    FOLIO_FAN_CLOSE_WRITE = 0x8,
    FOLIO_FAN_MOVED_FROM = 0x40,
    FOLIO_FAN_MOVED_TO = 0x80,
    FOLIO_FAN_CREATE = 0x100,
    FOLIO_FAN_DELETE = 0x200,
    FOLIO_FAN_DELETE_SELF = 0x400,
    FOLIO_FAN_Q_OVERFLOW = 0x4000,
    FOLIO_FAN_ONDIR = 0x40000000,
    FOLIO_FAN_INFO_FID = 1,
    FOLIO_FAN_INFO_DIRECTORY_NAME = 2,
    FOLIO_FAN_INFO_DIRECTORY = 3,
};

/// struct fanotify_event_metadata.
struct folio_fanotify_event {
    uint32_t length;
    uint8_t version, reserved;
    uint16_t metadata_length;
    uint64_t mask;
    int32_t file, process;
};

/// struct fanotify_event_info_fid up to the handle's bytes, `handle_size` of them; a name follows, NUL-terminated.
struct folio_fanotify_info {
    uint8_t kind, padding;
    uint16_t length;
    uint32_t fsid[2];
    uint32_t handle_size;
    int32_t handle_type;
};

/// fanotify_init(2) for events with file handles and names (Linux 5.17): a descriptor, or -1 with errno.
int folio_fanotify_open(int unlimited);
/// fanotify_mark(2): watches the filesystem that `directory` is on. Returns 0, or -1 with errno.
int folio_fanotify_watch(int group, uint64_t mask, int directory);
/// fanotify_mark(2): leaves modifications of one file out, or lets them in again. The kernel may forget it with the inode.
int folio_fanotify_ignore(int group, const char *path, int ignore);
#endif
