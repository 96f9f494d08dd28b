/// What the kernel's FUSE does otherwise than the filesystem beneath, whoever serves it, and what staging does: these are not played, or not
/// compared, and nothing else is left out. `foliofs-twin --differences` prints them.
enum KnownDifferences {
    static let all: [(what: String, reason: String)] = [
        (
            "fallocate: collapse, insert and unshare range",
            "fuse_file_fallocate() lets keep size, punch hole and zero range through and answers the others EOPNOTSUPP "
                + "(Linux 6.18 fs/fuse/file.c, read)"
        ),
        (
            "fallocate of a file with set-id bits by others than root, and zero range on tmpfs, which has none",
            "fuse_file_fallocate() takes set-user-ID and set-group-ID away before it asks the server (file_modified(), Linux "
                + "6.18 fs/fuse/file.c, read; measured), and so from a file on which the call then fails, or has nothing to do"
        ),
        (
            "chown(2) that names nobody, of another's file with set-id bits that somebody has open for writing",
            "the request is the one with which a write clears them (fuse_setattr() keeps nothing of ATTR_KILL_SUID, Linux "
                + "6.18 fs/fuse/dir.c, read): it is carried out where EPERM would be right. Where nobody has it open for "
                + "writing the answer is the source's"
        ),
        (
            "copy_file_range(2) within one file onto itself, where files are served from copies",
            "who writes to a file whose copy is in use has another inode than who reads it, so the kernel does not see "
                + "that it is one, and clears file capabilities before the server says EINVAL (fs/fuse/file.c, read)"
        ),
        (
            "writing beyond --stage-limit, where files are served from copies",
            "while others read a copy it follows each write, and a write for which it has no room is refused with ENOSPC "
                + "before the source is touched; ours, not the kernel's"
        ),
        (
            "the access time of a read of no bytes, on tmpfs",
            "shmem_file_read_iter() sets it, and FUSE returns before it asks or passes anything through "
                + "(fuse_passthrough_read_iter(), Linux 6.18 fs/fuse/passthrough.c, read)"
        ),
        (
            "what a mapping stores behind the end of a file, in its last page, and shows when the file grows",
            "tmpfs shows it and others zero it; without passthrough it is FUSE's page cache that decides (measured)"
        ),
        (
            "direct I/O that is not aligned",
            "a passthrough read or write reaches the backing file without IOCB_DIRECT (fs/backing-file.c, read), so what "
                + "the filesystem beneath refuses with EINVAL is carried out"
        ),
        (
            "lseek on a directory",
            "fuse_dir_operations uses generic_file_llseek(), filesystems their own positions; telldir and seekdir are "
                + "compared instead"
        ),
        (
            "lseek beyond the largest file of the filesystem beneath, and copy_file_range of nothing to there",
            "FUSE's own s_maxbytes is MAX_LFS_FILESIZE, and neither asks the server (measured: ext4 EINVAL and EFBIG)"
        ),
        (
            "rename with a whiteout onto a directory",
            "where it fails, ext4 has made and removed the whiteout, and the parent's times tell; fuse_rename_common() "
                + "asks for new attributes only where a rename succeeds (fs/fuse/dir.c, read; measured)"
        ),
        (
            "O_NOATIME, where several have a file open",
            "an inode has one backing file in passthrough, for all its opens (fs/fuse/passthrough.c)"
        ),
        (
            "access times of what is read from a copy or from FUSE's page cache",
            "the read does not reach the source; compared in the modes native and plain"
        ),
        (
            "times of FIFOs and devices that were written to",
            "pipe_write() and its kin set the times of FUSE's inode, which leaves that to its server and does not tell it "
                + "(file_update_time() of an inode with S_NOCMTIME, read; measured); compared with the source's"
        ),
        (
            "the holder of an open file description lock, where it is asked for",
            "FUSE_GETLK and FUSE_SETLK say of every owner only a number and a process (include/uapi/linux/fuse.h "
                + "fuse_lk_in), so the process is told where F_GETLK says -1 natively; "
                + "and F_OFD_GETLK says -1 whoever it is (locks_translate_pid() of the asking lock, fs/locks.c, measured)"
        ),
        (
            "the close of one of several descriptors of a file that were there before the first record lock on it",
            "a close of a file that was opened for reading is a request more, for which FOPEN_NOFLUSH is said until somebody takes a "
                + "record lock; a file that the process has open again is not locked"
        ),
        (
            "locks and ETXTBSY of an open file that only a mapping keeps",
            "a passthrough mapping holds the backing file (vma_set_file() in fs/backing-file.c, read; measured), so FUSE's "
                + "open file ends with its last descriptor; given up before the close of whoever has mappings"
        ),
        (
            "where holes and allocated blocks are, between two trees",
            "delayed allocation decides when it writes back, and nobody is told; blocks are compared on tmpfs between the "
                + "mount and its source, where nothing is promoted and the file was never mapped (a read fault fills a hole of shmem, and FUSE does not "
                + "hear of it), holes on all filesystems"
        ),
        (
            "whether a directory's times change, on tmpfs",
            "simple_unlink() and its kin give it the time of what is removed, which is as fine as that was looked at "
                + "(Linux 6.18 fs/libfs.c, read; measured); compared between the mount and its source"
        ),
        (
            "times of a file that is mapped shared and writable",
            "natively they are set when a write fault is taken, which depends on when was written back last; in "
                + "passthrough the fault is the backing file's and FUSE does not hear of it (fs/fuse/passthrough.c "
                + "fuse_passthrough_mmap(), read); in FUSE's own page cache they are set when pages are written back"
        ),
    ]
}
