extension WaitingProcess {
    /// Has reads of a file wait (FAN_ACCESS_PERM of fanotify(7)) until it is finished.
    static func holdingReads(of path: String, _ bench: Workbench) throws -> WaitingProcess {
        try WaitingProcess(
            [
                "python3", "-c",
                """
                import ctypes, os, sys
                libc = ctypes.CDLL(None, use_errno=True)
                # FAN_CLASS_CONTENT | FAN_CLOEXEC; FAN_MARK_ADD, FAN_ACCESS_PERM, AT_FDCWD
                group = libc.fanotify_init(5, os.O_RDONLY)
                if group < 0 or libc.fanotify_mark(group, 1, ctypes.c_uint64(0x20000), -100, os.fsencode(sys.argv[1])) < 0:
                    raise OSError(ctypes.get_errno(), 'fanotify')
                print('held', flush=True); sys.stdin.readline()
                """, path,
            ], bench)
    }
}
