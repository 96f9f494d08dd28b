package import FolioPolicy

/// One case of the suite as a value: a file on a filesystem, mapped and prepared in some way, and an operation on it.
package struct Scenario: Hashable, Sendable {
    /// What the page cache is made to hold before.
    package enum Cache: String, Hashable, Sendable, CaseIterable {
        /// Nothing; on tmpfs the file is a hole.
        case nothing
        /// Folios of order 0.
        case small
        /// What ordinary sequential reads leave.
        case read
        /// PMD folios, wherever a chunk of the file is whole.
        case pmd
        /// What is there already.
        case asServed
    }

    /// What else is done before the operation.
    package enum Action: String, Hashable, Sendable, CaseIterable {
        /// Somebody has the file open for writing.
        case openForWrite
        /// One page of every chunk is dirty.
        case dirty
        /// prctl(PR_SET_THP_DISABLE).
        case disableHugePages
        /// The mapping is touched before the operation.
        case touch
    }

    /// Its name, unique: `ext4/exec-small-collapse`.
    package var name: String
    /// The name of the stage it plays on: `ext4`.
    package var stage: String
    /// Bytes in the file.
    package var fileSize: Int
    /// What the page cache holds.
    package var cache: Cache
    /// The mapping.
    package var mapping: MappingShape
    /// What is done before.
    package var actions: Set<Action>
    /// The operation.
    package var operation: Operation

    /// A scenario from its parts.
    package init(
        name: String, stage: String, fileSize: Int, cache: Cache, mapping: MappingShape, actions: Set<Action>,
        operation: Operation
    ) {
        self.name = name
        self.stage = stage
        self.fileSize = fileSize
        self.cache = cache
        self.mapping = mapping
        self.actions = actions
        self.operation = operation
    }

    /// Whether a file of it must be writable.
    package var writes: Bool {
        mapping.sharedWritable || operation == .write || actions.contains(.dirty) || actions.contains(.openForWrite)
    }
}
