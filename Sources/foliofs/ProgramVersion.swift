import CVersion
import FuseServer

/// What `foliofs --version` says.
enum ProgramVersion {
    /// The version by which CHANGELOG.md knows it.
    static let number = "0.1.0"

    /// One line: the version, the commit that it was built from and the libfuse that it runs with.
    static var text: String {
        "foliofs \(number) (commit \(String(cString: foliofs_commit())), libfuse \(FuseLibrary.version))"
    }
}
