import FolioPolicy

@testable import FolioCapability

/// The filesystems of Decisions/decisions.table.
enum DecisionFilesystem {
    /// Sets the filesystem called `name`, and what of the file goes with it.
    static func apply(_ name: String, to document: inout QueryDocument) {
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        let variant = parts.count > 1 ? parts[1] : nil
        switch (parts[0], variant) {
        case ("overlay", let layer?), ("fuse", let layer?):
            let type = parts[0] == "fuse" ? "fuse.foliofs" : "overlay"
            apply(layer.replacing(".", with: "/"), to: &document)
            document.filesystem = FilesystemFacts(type: type, mountOptions: [:], layers: [document.filesystem])
        case ("fuse", nil): document.filesystem = FilesystemFacts(type: "fuse.foliofs", mountOptions: [:])
        case ("ext4", _): applyExt4(variant, to: &document)
        case ("tmpfs", _):
            let options = variant.map { ["huge": $0] } ?? [:]
            document.filesystem = FilesystemFacts(type: "tmpfs", mountOptions: options, blockSize: 4096)
        case (let type, _):
            var blockSize = 4096
            if variant == "16k" { blockSize = 16384 }
            if variant == "32k" { blockSize = 32768 }
            document.filesystem = FilesystemFacts(
                type: type, mountOptions: [:], superblockFeatures: [], blockSize: blockSize)
            if variant == "compressed" { document.file.compressed = true }
            if variant == "immutable" {
                document.file.inodeFlags = ["immutable"]
                document.file.immutableAtLoad = true
            }
            if variant == "1g" { document.filesystem.mountOptions = ["pagesize": "1024M"] }
            if variant == "experimental" { document.kernel.config["BTRFS_EXPERIMENTAL"] = true }
            let known = ["16k", "32k", "1g", "compressed", "immutable", "experimental"]
            precondition(variant.map(known.contains) ?? true, "no filesystem \(name)")
        }
    }

    private static func applyExt4(_ variant: String?, to document: inout QueryDocument) {
        var facts = FilesystemFacts(
            type: "ext4", mountOptions: ["data": "ordered"], superblockFeatures: ["extents", "has_journal"],
            blockSize: 4096)
        switch variant {
        case nil: break
        case "1k": facts.blockSize = 1024
        case "16k": facts.blockSize = 16384
        case "journal": facts.mountOptions = ["data": "journal"]
        case "journalflag": document.file.inodeFlags = ["journal-data"]
        case "encrypt": facts.superblockFeatures?.insert("encrypt")
        case "verity": facts.superblockFeatures?.insert("verity")
        case let other?: preconditionFailure("no filesystem ext4/\(other)")
        }
        document.filesystem = facts
    }
}
