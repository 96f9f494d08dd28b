package import FolioPolicy
package import LinuxFacts

/// The parts of another process's mapping for which a PMD may be asked, with what is mapped in each.
package struct MappedChunks {
    /// The machine's page sizes.
    package let geometry: PageGeometry
    /// The process.
    package let process: Int32

    /// Chunks of a process's mappings.
    package init(process: Int32, geometry: PageGeometry) {
        self.process = process
        self.geometry = geometry
    }

    /// The whole chunks of the file in a mapping; of one that is not congruent a part of a chunk's size where a PMD would
    /// have to map it.
    package func read(_ entry: SmapsEntry) -> [MappingFacts] {
        let size = UInt64(geometry.pmdSize)
        let first = (entry.range.start + size - 1) / size * size
        let isCongruent = (entry.range.start &- entry.offset) % size == 0
        let seen = present(entry)
        var parts: [MappingFacts] = []
        for address in stride(from: first, to: entry.range.end, by: geometry.pmdSize) {
            guard address + size <= entry.range.end else { break }
            parts.append(part(entry, AddressRange(address, address + size), seen.regions, seen.tellsHuge))
            if !isCongruent { break }
        }
        return parts
    }

    /// What is mapped, by PAGEMAP_SCAN; before 6.7 page by page, as far as root sees frames, without telling which by a PMD.
    private func present(_ entry: SmapsEntry) -> (regions: [PagemapScan.Region], tellsHuge: Bool) {
        if let regions = try? PagemapScan.read(entry.range, process: process) { return (regions, true) }
        let frames = (try? PageFrames.read(entry.range, process: process, geometry: geometry)) ?? []
        let pages = frames.map { frame in
            PagemapScan.Region(
                range: AddressRange(frame.address, frame.address + UInt64(geometry.pageSize)), huge: false,
                file: !frame.flags.contains(.anonymous))
        }
        return (pages, entry.pmdMapped == 0)
    }

    private func part(
        _ entry: SmapsEntry, _ range: AddressRange, _ regions: [PagemapScan.Region], _ tellsHuge: Bool
    ) -> MappingFacts {
        var facts = entry.facts
        facts.address = range.start
        facts.offset = Int(clamping: entry.offset) + Int(range.start - entry.range.start)
        facts.length = range.length
        let around = UInt64(geometry.pmdTableSize)
        let table = AddressRange(range.start / around * around, range.start / around * around + around)
        let here = regions.filter { $0.range.overlaps(range) }
        facts.touched = here.isEmpty ? nil : true
        facts.pageTableNearby = regions.contains { $0.range.overlaps(table) } ? true : nil
        facts.pmdMapped = tellsHuge ? here.contains { $0.huge && $0.range.contains(range) } : nil
        facts.copied = !entry.shared && (here.contains { !$0.file } || entry.sizes["Swap"] ?? 0 > 0)
        return facts
    }
}
