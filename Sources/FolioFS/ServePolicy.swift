package import FolioPolicy

/// What of serving may change while it goes on, by a configuration that is read again.
package struct ServePolicy: Sendable {
    /// The rules by which files get their routes.
    package var rules: RouteRules
    /// The largest file in bytes that is promoted before its open is answered.
    package var stageSyncLimit: Int
    /// The file that it comes from; nil: from none.
    package var configuration: String?
    /// Settings that the file has changed since the mount began and that wait for the next one.
    package var atNextMount: [String] = []

    /// The defaults: the rules that are built in.
    package init() {
        rules = .builtIn
        stageSyncLimit = 256 << 20
    }
}
