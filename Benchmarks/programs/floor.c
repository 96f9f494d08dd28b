// floor SOURCE MOUNTPOINT: a FUSE filesystem that has no source. Every name exists, a directory where the source has one, else a
// file of 64 bytes; what is made or removed is forgotten. No server that asks a source for anything answers faster: what a row costs here is the kernel's
// price.
#define FUSE_USE_VERSION 312
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double day = 86400;
static uint64_t nodes = FUSE_ROOT_ID;

// Odd nodes are directories.
static struct stat status_of(fuse_ino_t node) {
    struct stat status = {.st_ino = node, .st_nlink = 1, .st_mode = node & 1 ? S_IFDIR | 0755 : S_IFREG | 0644, .st_size = 64};
    return status;
}

static struct fuse_entry_param entry_of(mode_t type) {
    nodes += 2;
    uint64_t node = type == S_IFDIR ? nodes | 1 : nodes & ~UINT64_C(1);
    struct fuse_entry_param entry = {.ino = node, .attr_timeout = day, .entry_timeout = day, .attr = status_of(node)};
    return entry;
}

static void lookup(fuse_req_t request, fuse_ino_t parent, const char *name) {
    (void)parent;
    // What create_unlink makes is new; what the lists name is there.
    if (!strncmp(name, "file-", 5) && !strchr(name, '.')) {
        fuse_reply_err(request, ENOENT);
        return;
    }
    struct fuse_entry_param entry = entry_of(strchr(name, '.') ? S_IFREG : S_IFDIR);
    fuse_reply_entry(request, &entry);
}

static void get_attributes(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)file;
    struct stat status = status_of(node);
    fuse_reply_attr(request, &status, day);
}

static void make(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *file) {
    (void)parent, (void)name, (void)mode;
    struct fuse_entry_param entry = entry_of(S_IFREG);
    entry.attr.st_size = 0;
    file->noflush = 1;
    fuse_reply_create(request, &entry, file);
}

static void open_file(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)node;
    file->noflush = 1;
    file->keep_cache = 1;
    fuse_reply_open(request, file);
}

static void read_file(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file) {
    (void)node, (void)file;
    static const char zeros[64];
    fuse_reply_buf(request, zeros, offset ? 0 : size < sizeof zeros ? size : sizeof zeros);
}

static void write_file(
    fuse_req_t request, fuse_ino_t node, const char *bytes, size_t size, off_t offset, struct fuse_file_info *file) {
    (void)node, (void)bytes, (void)offset, (void)file;
    fuse_reply_write(request, size);
}

static void remove_name(fuse_req_t request, fuse_ino_t parent, const char *name) {
    (void)parent, (void)name;
    fuse_reply_err(request, 0);
}

static void release(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)node, (void)file;
    fuse_reply_err(request, 0);
}

int main(int count, char **words) {
    if (count != 3) return 2;
    struct fuse_lowlevel_ops operations = {
        .lookup = lookup,
        .getattr = get_attributes,
        .create = make,
        .open = open_file,
        .read = read_file,
        .write = write_file,
        .unlink = remove_name,
        .release = release,
    };
    char *options[] = {words[0], "-o", "allow_other,default_permissions"};
    struct fuse_args arguments = FUSE_ARGS_INIT(3, options);
    struct fuse_session *session = fuse_session_new(&arguments, &operations, sizeof operations, NULL);
    if (!session || fuse_set_signal_handlers(session) || fuse_session_mount(session, words[2])) return 1;
    int result = fuse_session_loop(session);
    fuse_session_unmount(session);
    fuse_session_destroy(session);
    return result != 0;
}
