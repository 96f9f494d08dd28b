import FolioPolicy

@testable import FolioCapability

/// The words of the situations of Decisions/decisions.table.
enum DecisionSituation {
    /// Changes the question as `word` says.
    static func apply(_ word: String, to document: inout QueryDocument) {
        if let change = words[word] {
            change(&document)
        } else if word.hasPrefix("orders:") {
            let ends = word.dropFirst("orders:".count).split(separator: "-").compactMap { UInt8($0) }
            precondition(ends.count == 2, "no situation \(word)")
            document.file.cachedOrders = FolioOrderSet((ends[0]...ends[1]).map { FolioOrder($0) })
        } else if word.hasPrefix("enabled="), let mode = HugePageMode(rawValue: String(word.dropFirst(8))) {
            document.system.enabled = mode
        } else if word.hasPrefix("shmem="), let mode = ShmemHugeMode(rawValue: String(word.dropFirst(6))) {
            document.system.shmemEnabled = mode
        } else if word.hasPrefix("order="), let control = ShmemOrderControl(rawValue: String(word.dropFirst(6))) {
            document.system.shmemPMDControl = control
        } else {
            preconditionFailure("no situation \(word)")
        }
    }

    private static let words: [String: @Sendable (inout QueryDocument) -> Void] = [
        "exec": { $0.mapping.exec = true },
        "shared": {
            $0.mapping.shared = true
            $0.mapping.write = true
            $0.file.openForWrite = $0.filesystem.type == "erofs" ? false : true
        },
        "write": {
            $0.mapping.write = true
            $0.mapping.access = .write
        },
        "noimage": { $0.mapping.programImage = false },
        "image": { $0.mapping.programImage = true },
        "advised": { $0.mapping.advice = .hugePage },
        "nohuge": { $0.mapping.advice = .noHugePage },
        "incongruent": { $0.mapping.address = 0x7f00_0000_1000 },
        "short": { $0.mapping.length = 1 << 20 },
        "ragged": {
            $0.mapping.address = 0x7f00_0010_0000
            $0.mapping.offset = 1 << 20
            $0.mapping.length = 3 << 20
        },
        "anonymous": {
            $0.mapping.anonymous = true
            $0.mapping.shared = true
            $0.mapping.write = true
        },
        "untouched": { $0.mapping.touched = false },
        "near": { $0.mapping.pageTableNearby = true },
        "far": { $0.mapping.pageTableNearby = false },
        "pmdmapped": { $0.mapping.pmdMapped = true },
        "copied": {
            $0.mapping.copied = true
            $0.mapping.write = true
        },
        "special": { $0.mapping.special = true },
        "uffd-wp": {
            $0.mapping.userfaultfd = .writeProtect
            if $0.mapping.pmdMapped == nil { $0.mapping.pmdMapped = false }
        },
        "uffd-missing": { $0.mapping.userfaultfd = .missing },
        "uffd-minor": { $0.mapping.userfaultfd = .minor },
        "nothing": { $0.file.cachedOrders = [] },
        "pmd": { $0.file.cachedOrders = [$0.kernel.geometry.pmdOrder] },
        "holes": { $0.file.holes = true },
        "whole": { $0.file.holes = false },
        "dirty": { $0.file.dirty = true },
        "writeback": { $0.file.writeback = true },
        "private": { $0.file.privateData = true },
        "references": { $0.file.extraReferences = true },
        "writer": { $0.file.openForWrite = true },
        "eof": { $0.file.size = 3 << 20 },
        "irregular": { $0.file.regular = false },
        "dax": { $0.file.dax = true },
        "aligned": { $0.file.alignedExtents = true },
        "unaligned": { $0.file.alignedExtents = false },
        "no-folio": { $0.system.hugeFolioAvailable = false },
        "cgroup-full": { $0.system.memoryCgroupHasRoom = false },
        "prctl": { $0.system.processDisabled = true },
        "prctl-advised": {
            $0.system.processDisabled = true
            $0.system.processDisabledExceptAdvised = true
        },
        "no-thp": { $0.kernel.config["TRANSPARENT_HUGEPAGE"] = false },
        "arm64-4k": { setGeometry(pageSize: 4096, of: &$0) },
        "arm64-16k": { setGeometry(pageSize: 16384, of: &$0) },
        "arm64-64k": { setGeometry(pageSize: 65536, of: &$0) },
        "?advice": { $0.mapping.advice = nil },
        "?touched": { $0.mapping.touched = nil },
        "?dirty": { $0.file.dirty = nil },
        "?writer": { $0.file.openForWrite = nil },
        "?cached": { $0.file.cachedOrders = nil },
    ]

    /// A machine with pages of `pageSize` bytes, and a file and mapping of two of its PMD chunks.
    private static func setGeometry(pageSize: Int, of document: inout QueryDocument) {
        guard let geometry = PageGeometry.of(architecture: "aarch64", pageSize: pageSize) else { return }
        document.kernel.geometry = geometry
        document.file.size = 2 * geometry.pmdSize
        document.mapping.length = 2 * geometry.pmdSize
    }
}
