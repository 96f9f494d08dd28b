public import ArgumentParser
public import FolioPolicy

extension ByteSize: ExpressibleByArgument {
    /// A size from a command line.
    public init?(argument: String) {
        self.init(argument)
    }

    /// The size as a command line has it.
    public var defaultValueDescription: String { description }
}
