public import SystemPackage

/// Why a session did not begin or did not end well.
public enum SessionError: Error, CustomStringConvertible {
    /// libfuse refused the options, and what it said.
    case badOptions([String], said: String)
    /// The mount failed, and what libfuse or fusermount3 said.
    case mount(mountpoint: String, said: String)
    /// The loop ended with an errno.
    case loop(mountpoint: String, Errno)

    /// What failed, on what and why, in one line.
    public var description: String {
        switch self {
        case .badOptions(let options, let said):
            "cannot mount with the options \(options.joined(separator: ",")): \(said)"
        case .mount(let mountpoint, let said): "cannot mount on \(mountpoint): \(said)"
        case .loop(let mountpoint, let errno): "serving \(mountpoint) ended: \(errno)"
        }
    }
}
