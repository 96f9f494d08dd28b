// libfuse 3.14's low-level API, as Debian 12 ships it, with what it does not carry: versioned symbols that do not import
// into Swift, and the wire structures and ioctls of FUSE passthrough (Linux 6.9 include/uapi/linux/fuse.h), which go when
// libfuse 3.17 can be asked for.
#ifndef FOLIO_CFUSE3_SHIM_H
#define FOLIO_CFUSE3_SHIM_H
#define FUSE_USE_VERSION 312
#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/// fuse_session_loop_mt(3): 0 after a clean exit, a signal's number, or a negative errno.
static inline int folio_session_loop(struct fuse_session *session, struct fuse_loop_config *config) {
    return fuse_session_loop_mt(session, config);
}

/// read(2) for libfuse's workers. In C because libfuse ends a worker by pthread_cancel(3) in this call, and unwinding
/// through Swift frames aborts.
static inline ssize_t folio_fuse_read(int fd, void *buffer, size_t size, void *context) {
    (void)context;
    return read(fd, buffer, size);
}

/// The start of fuse_init_out, protocol 7.40.
struct folio_fuse_init_out {
    uint32_t major, minor, max_readahead, flags;
    uint16_t max_background, congestion_threshold;
    uint32_t max_write, time_gran;
    uint16_t max_pages, map_alignment;
    uint32_t flags2, max_stack_depth;
};
_Static_assert(sizeof(struct folio_fuse_init_out) == 40, "fuse_init_out");

/// The start of fuse_init_in, protocol 7.36.
struct folio_fuse_init_in {
    uint32_t major, minor, max_readahead, flags, flags2;
};

struct folio_fuse_in_header {
    uint32_t len, opcode;
    uint64_t unique, nodeid;
    uint32_t uid, gid, pid, padding;
};
_Static_assert(sizeof(struct folio_fuse_in_header) == 40, "fuse_in_header");

struct folio_fuse_out_header {
    uint32_t len;
    int32_t error;
    uint64_t unique;
};
_Static_assert(sizeof(struct folio_fuse_out_header) == 16, "fuse_out_header");

struct folio_fuse_attr {
    uint64_t ino, size, blocks, atime, mtime, ctime;
    uint32_t atimensec, mtimensec, ctimensec, mode, nlink, uid, gid, rdev, blksize, flags;
};
_Static_assert(sizeof(struct folio_fuse_attr) == 88, "fuse_attr");

struct folio_fuse_entry_out {
    uint64_t nodeid, generation, entry_valid, attr_valid;
    uint32_t entry_valid_nsec, attr_valid_nsec;
    struct folio_fuse_attr attr;
};
_Static_assert(sizeof(struct folio_fuse_entry_out) == 128, "fuse_entry_out");

struct folio_fuse_open_out {
    uint64_t fh;
    uint32_t open_flags;
    int32_t backing_id;
};
_Static_assert(sizeof(struct folio_fuse_open_out) == 16, "fuse_open_out");

struct folio_fuse_create_out {
    struct folio_fuse_entry_out entry;
    struct folio_fuse_open_out open;
};
_Static_assert(sizeof(struct folio_fuse_create_out) == 144, "fuse_entry_out and fuse_open_out");

struct folio_fuse_notify_inode {
    uint64_t nodeid;
    int64_t offset, length;
};
_Static_assert(sizeof(struct folio_fuse_notify_inode) == 24, "fuse_notify_inval_inode_out");

struct folio_fuse_notify_entry {
    uint64_t parent;
    uint32_t name_length, flags;
};
_Static_assert(sizeof(struct folio_fuse_notify_entry) == 16, "fuse_notify_inval_entry_out");

/// Linux include/uapi/linux/fuse.h fuse_notify_code; a notification is a reply to no request, its code where the errno is.
enum {
    FOLIO_FUSE_NOTIFY_INODE = 2,
    FOLIO_FUSE_NOTIFY_ENTRY = 3,
    FOLIO_FUSE_NOTIFY_EPOCH = 8,
    FOLIO_FUSE_EXPIRE_ONLY = 1,
    FOLIO_FUSE_EPOCH_MINOR = 44,
    FOLIO_FUSE_EXPIRE_MINOR = 38,
};

enum {
    FOLIO_FUSE_INIT = 26,
    FOLIO_FUSE_INIT_EXT = 1 << 30,
    FOLIO_FUSE_INIT2_PASSTHROUGH = 1 << 5,
    FOLIO_FUSE_PASSTHROUGH_MINOR = 40,
};

struct folio_fuse_backing_map {
    int32_t fd;
    uint32_t flags;
    uint64_t padding;
};

/// FUSE_DEV_IOC_BACKING_OPEN: a backing id above 0, or -1 with errno.
static inline int folio_backing_open(int device, int file) {
    struct folio_fuse_backing_map map = {.fd = file};
    return ioctl(device, _IOW(229, 1, struct folio_fuse_backing_map), &map);
}

/// FUSE_DEV_IOC_BACKING_CLOSE: 0, or -1 with errno.
static inline int folio_backing_close(int device, uint32_t backing) {
    return ioctl(device, _IOW(229, 2, uint32_t), &backing);
}
#endif
