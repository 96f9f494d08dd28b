/// A page that a process has mapped.
package struct MappedPage: Equatable, Sendable {
    /// Its address in the process, in bytes.
    package let address: UInt64
    /// The number of its frame.
    package let number: UInt64
}
