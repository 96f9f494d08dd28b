import FuseServer
import Glibc

/// What a mount is asked to find out whether its server answers: an extended attribute that nothing has.
///
/// It is one of `security.`, which anybody may read: for others the kernel would look at permissions first, and have the server ask the source
/// for them, which may hang (Linux 6.18 fs/xattr.c xattr_permission(), read).
package enum AnswerQuestion {
    package static let attribute = "security.foliofs.answers"

    /// Whether a name is that of the question.
    @inline(__always)
    static func isAsked(by name: EntryName) -> Bool { strcmp(name.pointer, attribute) == 0 }
}
