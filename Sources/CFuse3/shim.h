// libfuse 3.14's low-level API, as Debian 12 ships it, with what it does not carry: the wire structures, flags and ioctls of
// the kernel's protocol beyond 7.31 (Linux 6.18 include/uapi/linux/fuse.h), which go when a libfuse that has them can be
// asked for.
#ifndef FOLIO_CFUSE3_SHIM_H
#define FOLIO_CFUSE3_SHIM_H
#define FUSE_USE_VERSION 312
#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

/// `extensions`: how many units of 8 bytes follow everything else (protocol 7.38).
struct folio_fuse_in_header {
    uint32_t len, opcode;
    uint64_t unique, nodeid;
    uint32_t uid, gid, pid;
    uint16_t extensions, padding;
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
    FOLIO_FUSE_NOTIFY_RESEND = 7,
    FOLIO_FUSE_NOTIFY_EPOCH = 8,
    FOLIO_FUSE_EXPIRE_ONLY = 1,
    FOLIO_FUSE_EPOCH_MINOR = 44,
    FOLIO_FUSE_EXPIRE_MINOR = 38,
};

/// Also of FUSE_TMPFILE.
struct folio_fuse_create_in {
    uint32_t flags, mode, umask, open_flags;
};
_Static_assert(sizeof(struct folio_fuse_create_in) == 16, "fuse_create_in");

struct folio_fuse_open_in {
    uint32_t flags, open_flags;
};

struct folio_fuse_write_in {
    uint64_t fh, offset;
    uint32_t size, write_flags;
    uint64_t lock_owner;
    uint32_t flags, padding;
};
_Static_assert(sizeof(struct folio_fuse_write_in) == 40, "fuse_write_in");

/// With FUSE_SETXATTR_EXT (7.33); libfuse 3.14 reads half of it.
struct folio_fuse_setxattr_in {
    uint32_t size, flags, setxattr_flags, padding;
};

struct folio_fuse_copy_file_range_in {
    uint64_t fh_in, off_in, nodeid_out, fh_out, off_out, len, flags;
};

struct folio_fuse_statx_in {
    uint32_t getattr_flags, reserved;
    uint64_t fh;
    uint32_t flags, mask;
};

struct folio_fuse_statx_time {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t reserved;
};

struct folio_fuse_statx_out {
    uint64_t attr_valid;
    uint32_t attr_valid_nsec, flags;
    uint64_t spare[2];
    uint32_t mask, blksize;
    uint64_t attributes;
    uint32_t nlink, uid, gid;
    uint16_t mode, spare0;
    uint64_t ino, size, blocks, attributes_mask;
    struct folio_fuse_statx_time atime, btime, ctime, mtime;
    uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
    uint64_t spare2[14];
};
_Static_assert(sizeof(struct folio_fuse_statx_out) == 288, "fuse_statx_out");

struct folio_fuse_extension {
    uint32_t size, type;
};

enum {
    FOLIO_FUSE_SETXATTR = 21,
    FOLIO_FUSE_INIT = 26,
    FOLIO_FUSE_SYNCFS = 50,
    FOLIO_FUSE_TMPFILE = 51,
    FOLIO_FUSE_STATX = 52,
    FOLIO_FUSE_COPY_FILE_RANGE_64 = 53,
    FOLIO_FUSE_INIT_EXT = 1 << 30,
    FOLIO_FUSE_INIT_MINOR = 40,
    FOLIO_FUSE_OPEN_KILL_SUIDGID = 1 << 0,
    FOLIO_FUSE_WRITE_KILL_SUIDGID = 1 << 2,
    FOLIO_FUSE_SETXATTR_ACL_KILL_SGID = 1 << 0,
    FOLIO_FUSE_EXT_GROUPS = 32,
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
