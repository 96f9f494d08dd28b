public import SystemPackage

/// Why a session did not begin or did not end well.
public enum SessionError: Error, CustomStringConvertible {
    /// libfuse refused the options; it has said why on standard error.
    case badOptions([String])
    /// The mount failed.
    case mount(mountpoint: String, Errno)
    /// The loop ended with an errno.
    case loop(mountpoint: String, Errno)

    /// What failed, on what and why, in one line.
    public var description: String {
        switch self {
        case .badOptions(let options):
            "cannot mount: libfuse does not know the options \(options.joined(separator: ","))"
        case .mount(let mountpoint, let errno): "cannot mount on \(mountpoint): \(errno)"
        case .loop(let mountpoint, let errno): "serving \(mountpoint) ended: \(errno)"
        }
    }
}
