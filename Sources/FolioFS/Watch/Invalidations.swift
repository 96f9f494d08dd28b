import FuseServer

/// What the kernel is to forget, each thing once, however often it changed.
struct Invalidations {
    /// A name, or its absence, in a directory.
    struct Name: Hashable {
        let parent: NodeID
        let bytes: [UInt8]
    }

    /// Nodes whose attributes are out of date, and whether their data is, too.
    private(set) var nodes: [NodeID: Bool] = [:]
    private(set) var names: Set<Name> = []
    /// Whether any name may lead elsewhere: something was mounted or unmounted in the source.
    var allNames = false
    /// Whether it cannot be told what changed, so that all there is may have.
    var everything = false

    var isEmpty: Bool { nodes.isEmpty && names.isEmpty && !allNames && !everything }

    mutating func add(_ node: NodeID, data: Bool) {
        if nodes[node] != true { nodes[node] = data }
    }

    mutating func add(_ name: [UInt8], in parent: NodeID) {
        names.insert(Name(parent: parent, bytes: name))
    }

    /// Adds what a record tells of files that the kernel knows.
    mutating func add(_ event: FanotifyEvent, known: (FanotifyEvent.File) -> [NodeID]) {
        if event.isOverflow { everything = true }
        if event.changesNames, let directory = event.directory {
            for parent in known(directory) {
                add(parent, data: true)
                if let name = event.name { add(Array(name), in: parent) }
            }
        }
        if let file = event.file { for node in known(file) { add(node, data: event.changesContent) } }
    }

    mutating func formUnion(_ other: Invalidations) {
        nodes.merge(other.nodes) { $0 || $1 }
        names.formUnion(other.names)
        allNames = allNames || other.allNames
        everything = everything || other.everything
    }
}
