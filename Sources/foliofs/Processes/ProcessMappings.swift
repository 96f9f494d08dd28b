import CollapseHarness
import FolioCapability
import FolioPolicy
import LinuxFacts
import SystemPackage

/// The file mappings of a running process, each with the facts that the policy asks about.
///
/// The paths are those that the process sees: of one in another mount namespace this process enters that, where it may.
final class ProcessMappings {
    let process: Int32
    let kernel: KernelFacts
    /// Its mappings of files, by address. Shared anonymous memory is a file of the kernel's own.
    let entries: [SmapsEntry]
    private let reader: FactReader
    private let registry: CapabilityRegistry
    private let system: SystemFacts
    private var files: [FilePath: MappedFile] = [:]

    /// What a file's filesystem can do for it, asked once however often it is mapped.
    private struct MappedFile {
        let facts: FileFacts
        let filesystem: FilesystemFacts
        let capability: FilesystemCapability
    }

    /// Reads the mappings. One thread only.
    /// - Throws: what reading says; `CommandFailure` for a process that has none: it has ended, or is a kernel thread.
    init(_ process: Int32, reader: FactReader, registry: CapabilityRegistry, kernel: KernelFacts) throws {
        self.process = process
        self.kernel = kernel
        self.reader = reader
        self.registry = registry
        let all = try Smaps.read(process: process)
        guard !all.isEmpty else {
            throw CommandFailure(
                "cannot read the mappings of process \(process): ESRCH; it has ended, or is a thread of the kernel")
        }
        entries = all.filter { $0.inode != 0 }
        var system = reader.system()
        system.processDisabled = Self.processDisabled(process)
        system.processDisabledExceptAdvised = nil
        self.system = system
        MountNamespace.enter(of: process)
    }

    /// The question of an operation on a whole mapping as it is.
    func query(_ entry: SmapsEntry, _ operation: Operation) -> PolicyQuery {
        var mapping = entry.facts
        let chunks = wholeChunks(entry)
        mapping.pmdMapped =
            entry.pmdMapped == 0 ? false : entry.pmdMapped == chunks * kernel.geometry.pmdSize ? true : nil
        if mapping.pmdMapped == true { mapping.touched = true }
        return query(entry, mapping, operation)
    }

    /// What process_madvise(MADV_COLLAPSE) does to each chunk of a mapping as it is.
    func collapses(_ entry: SmapsEntry) -> [(part: MappingFacts, decision: Decision)] {
        MappedChunks(process: process, geometry: kernel.geometry).read(entry).map { part in
            (part, decide(query(entry, part, .processCollapse)))
        }
    }

    /// By what a mapping comes to be mapped by PMDs.
    func way(_ entry: SmapsEntry) -> MappingWay {
        MappingWay(
            entry, query: query(entry, .processCollapse), collapses: collapses(entry).map(\.decision),
            chunks: wholeChunks(entry), isCongruent: isCongruent(entry))
    }

    /// The question of an operation on a part of a mapping.
    func query(_ entry: SmapsEntry, _ mapping: MappingFacts, _ operation: Operation) -> PolicyQuery {
        var file = FileFacts(size: nil, regular: nil)
        var filesystem = FilesystemFacts(type: nil)
        var capability: FilesystemCapability
        if mapping.anonymous == true {
            filesystem = FilesystemFacts(type: "tmpfs", mountOptions: [:])
            file = FileFacts(size: Int(clamping: entry.offset) + entry.range.length, regular: true)
            capability = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        } else if let path = path(of: entry), let known = mapped(path) {
            (file, filesystem, capability) = (known.facts, known.filesystem, known.capability)
            reader.complete(&file, of: path, offset: mapping.offset, length: mapping.length)
        } else {
            capability = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        }
        return PolicyQuery(
            kernel: kernel, system: system, filesystem: filesystem, capability: capability, file: file,
            mapping: mapping, operation: operation)
    }

    /// The file by its path; nil: another file has that path, or none.
    func path(of entry: SmapsEntry) -> FilePath? {
        for path in [FilePath(entry.path), FilePath("/proc/\(process)/root" + entry.path)] where path.isAbsolute {
            if let status = try? FileStatus.read(path), status.inode == entry.inode, status.isRegular { return path }
        }
        return nil
    }

    /// The type of the filesystem that a mapping's file is on; nil: it cannot be looked at.
    func filesystem(of entry: SmapsEntry) -> String? { path(of: entry).flatMap(mapped)?.filesystem.type }

    /// Whole chunks of the file in a mapping, as the file offsets lie.
    func wholeChunks(_ entry: SmapsEntry) -> Int {
        let pmdSize = kernel.geometry.pmdSize
        let start = Int(clamping: entry.offset)
        let (rounded, overflow) = start.addingReportingOverflow(pmdSize - 1)
        guard !overflow else { return 0 }
        return max(0, (start + entry.range.length - rounded / pmdSize * pmdSize) / pmdSize)
    }

    /// Whether the mapping's addresses and offsets agree modulo the PMD size.
    func isCongruent(_ entry: SmapsEntry) -> Bool {
        (entry.range.start &- entry.offset) & UInt64(kernel.geometry.pmdSize - 1) == 0
    }

    private func mapped(_ path: FilePath) -> MappedFile? {
        if let known = files[path] { return known }
        guard let facts = try? reader.file(path), let outer = try? reader.filesystem(of: path) else { return nil }
        let (filesystem, capability) = registry.resolve(
            path: path, filesystem: outer, file: facts, kernel: kernel
        ) { [reader] in try? reader.filesystem(of: $0) }
        let file = MappedFile(facts: facts, filesystem: filesystem, capability: capability)
        files[path] = file
        return file
    }

    /// Whether the process has transparent huge pages switched off, by /proc/PID/status (5.0); nil: it does not say.
    private static func processDisabled(_ process: Int32) -> Bool? {
        let lines = (try? TextFile.read(FilePath("/proc/\(process)/status")))?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix("THP_enabled:") }.map { $0.hasSuffix("0") }
    }
}
