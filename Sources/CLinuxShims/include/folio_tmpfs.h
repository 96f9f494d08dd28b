// fsopen(2), fsconfig(2), fsmount(2): glibc 2.36 declares them where Swift does not look.
#ifndef FOLIO_TMPFS_H
#define FOLIO_TMPFS_H

/// Makes a tmpfs with these options (`huge`, `size`) that is mounted nowhere and gone with its last descriptor.
/// Returns a descriptor of its root, or -1 with errno.
int folio_detached_tmpfs(const char *huge, const char *size);
#endif
