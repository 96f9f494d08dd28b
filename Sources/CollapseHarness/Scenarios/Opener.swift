/// Who else has a scenario's file open.
package enum Opener: String, ScenarioValue {
    /// Nobody.
    case none
    /// A reader.
    case reader
    /// A writer.
    case writer
    /// A reader with O_DIRECT.
    case direct
    /// A writer with O_DIRECT.
    case directWriter = "direct-writer"
    /// A writer of the file beneath: the overlay's upper file, the FUSE mount's source.
    case backingWriter = "backing-writer"
    /// One who was a writer, and has closed it.
    case formerWriter = "former-writer"

    /// Whether it writes by the path that is mapped.
    package var writes: Bool { self == .writer || self == .directWriter || self == .formerWriter }
}
