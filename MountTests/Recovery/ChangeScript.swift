/// A change of a file or a name that is not the same when it is made twice, to be interrupted at each of its steps.
struct ChangeScript {
    /// As FOLIOFS_STOP_AT names its request.
    let operation: String
    /// What the request is called among others of its kind; nil: it is the only one.
    var variant: String?
    /// What there is before, in the source: a script of bash.
    let prepare: String
    /// The change, once, through the mount: Python that ends with an exception where it fails.
    let change: String
    /// What the source prints afterwards: a script of bash.
    let look: String
    /// Whether it is noted beforehand what is about to be done.
    var isNoted = true
    /// Further options of the mount.
    var options: [String] = []

    static let all: [ChangeScript] = [
        ChangeScript(
            operation: "mkdir", prepare: "true", change: "os.mkdir('new', 0o751)", look: "stat -c '%F %a' new; ls"),
        ChangeScript(
            operation: "mknod", prepare: "true", change: "os.mkfifo('new', 0o640)", look: "stat -c '%F %a' new; ls"),
        ChangeScript(
            operation: "symlink", prepare: "true", change: "os.symlink('somewhere', 'new')", look: "readlink new; ls"),
        ChangeScript(
            operation: "link", prepare: "echo text > old", change: "os.link('old', 'new')",
            look: "stat -c '%h' old new; cat new"),
        ChangeScript(
            operation: "create", prepare: "true",
            change: "f = os.open('new', os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600); os.write(f, b'text'); os.close(f)",
            look: "stat -c '%a %s' new; cat new; ls"),
        ChangeScript(
            operation: "create", variant: "create with mode 0", prepare: "chmod 777 .",
            change: """
                os.seteuid(4242); f = os.open('new', os.O_RDWR | os.O_CREAT | os.O_EXCL, 0); os.write(f, b'text'); os.close(f)
                """, look: "stat -c '%a %s %u' new; cat new; ls"),
        ChangeScript(
            operation: "tmpfile", prepare: "true",
            change: """
                f = os.open('.', os.O_RDWR | os.O_TMPFILE, 0o600); os.write(f, b'text')
                os.link('/proc/self/fd/%d' % f, 'new', src_dir_fd=f, follow_symlinks=True)
                """, look: "stat -c '%a %s %h' new; ls", isNoted: false),
        ChangeScript(
            operation: "open", prepare: "echo much text > file",
            change: "f = os.open('file', os.O_RDWR | os.O_TRUNC); os.write(f, b'text'); os.close(f)",
            look: "cat file; ls"),
        ChangeScript(
            operation: "unlink", prepare: "echo text > old; ln old other", change: "os.unlink('old')",
            look: "stat -c %h other; ls"),
        ChangeScript(operation: "rmdir", prepare: "mkdir old", change: "os.rmdir('old')", look: "ls -a"),
        ChangeScript(
            operation: "rename", prepare: "echo one > old; echo two > new", change: "os.rename('old', 'new')",
            look: "cat new; ls"),
        ChangeScript(
            operation: "rename2", prepare: "echo one > old; echo two > new",
            change: """
                import ctypes
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.renameat2(-100, b'old', -100, b'new', 2) != 0: raise OSError(ctypes.get_errno(), 'renameat2')
                """, look: "cat old new; ls"),
        ChangeScript(
            operation: "write", prepare: "echo text > file",
            change: "f = os.open('file', os.O_WRONLY | os.O_APPEND); os.write(f, b'more'); os.close(f)",
            look: "cat file",
            options: ["--no-passthrough"]),
        ChangeScript(
            operation: "setxattr", prepare: "touch file",
            change: "os.setxattr('file', 'user.name', b'value', os.XATTR_CREATE)",
            look: "getfattr --only-values -n user.name file"),
        ChangeScript(
            operation: "removexattr", prepare: "touch file; setfattr -n user.name -v value file",
            change: "os.removexattr('file', 'user.name')", look: "getfattr file"),
        ChangeScript(
            operation: "setattr", prepare: "echo much text > file",
            change: "os.truncate('file', 4); os.chmod('file', 0o640)", look: "stat -c '%a %s' file; cat file",
            isNoted: false),
    ]
}
