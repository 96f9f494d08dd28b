/// A native capability plugin: code where a table of facts cannot say it.
///
/// A library exports it to the host so:
///
///     @c(folio_plugin_entry)
///     public func entry(_ hostABI: UInt32) -> UnsafePointer<folio_plugin>? {
///         PluginTable.make(MyPlugin(), hostABI: hostABI)
///     }
///
/// It runs in a process of its own without capabilities, is asked one question at a time, and is killed when it takes
/// longer than the host waits. Whatever goes wrong costs its own answer only.
public protocol CapabilityPlugin: Sendable {
    /// Its name.
    var name: String { get }
    /// Its own version.
    var version: String { get }
    /// What the filesystem can do for a file.
    func answer(_ question: CapabilityQuestion) -> CapabilityAnswer
}
