/// What of an image PMDs can map, and which of its headers the aligned exec view raises for that.
///
/// Source: Linux 6.18 fs/binfmt_elf.c load_elf_phdrs(), load_elf_binary(), maximum_alignment(), elf_load(), read; elf(5).
extension ELFImage {
    /// Bytes of program headers that the kernel's loader reads at most.
    private static let tableLimit = 65536
    /// What e_machine may be: x86-64, aarch64.
    private static let machines: Set<UInt16> = [62, 183]
    /// Where a program's addresses end on x86-64 and aarch64 with 48 bits.
    private static let addressLimit: UInt64 = 1 << 47
    /// PATH_MAX: the longest name of an interpreter, its NUL counted.
    private static let interpreterLimit: UInt64 = 4096

    /// What is not as linkers leave it and the kernel's loader wants it, in words; nil: every field is.
    ///
    /// - Parameters:
    ///   - fileSize: the file's size in bytes.
    ///   - pageSize: the machine's page size, a power of two.
    package func oddity(fileSize: Int, pageSize: Int) -> String? {
        let end = UInt64(clamping: fileSize)
        let tableSize = segments.count * Self.programHeaderSize
        if !Self.machines.contains(machine) { return "e_machine is \(machine), neither x86-64 nor aarch64" }
        if tableSize > Self.tableLimit { return "it has \(segments.count) program headers" }
        if programHeaderOffset % 8 != 0 { return "e_phoff is not aligned" }
        if programHeaderOffset + tableSize > fileSize { return "the program headers end beyond the file" }
        if !isWellFormed { return "its segments do not ascend apart from each other" }
        if segments.count(where: { $0.type == .interpreter }) > 1 { return "it has several interpreters" }
        if segments.count(where: { $0.type == .programHeaders }) > 1 { return "it has several PT_PHDR" }
        for segment in segments {
            switch segment.type {
            case .load:
                if let oddity = segment.oddity(end: end, pageSize: pageSize) { return oddity }
            case .interpreter:
                let (last, overflow) = segment.offset.addingReportingOverflow(segment.fileSize)
                if segment.fileSize < 2 || segment.fileSize > Self.interpreterLimit || overflow || last > end {
                    return "the interpreter's name is not in the file"
                }
            case .programHeaders:
                if segment.offset != UInt64(programHeaderOffset) || segment.fileSize != UInt64(tableSize) {
                    return "PT_PHDR does not name the program headers"
                }
            case .other: break
            }
        }
        guard let last = loads.last, last.virtualAddress + last.memorySize <= Self.addressLimit else {
            return "its addresses end beyond what a program has"
        }
        return nil
    }

    /// The program headers, by their index, whose p_align is to be raised to `pmdSize` so that the kernel places the program
    /// where PMDs can map it; empty: it is served as it is.
    ///
    /// An ET_EXEC image is placed at its own addresses, whatever p_align says: congruent as it was linked, or never.
    package func raisedAlignments(fileSize: Int, pageSize: Int, pmdSize: Int) -> [Int] {
        guard kind == .dynamic, oddity(fileSize: fileSize, pageSize: pageSize) == nil,
            loads.contains(where: { $0.canBeMapped(pageSize: pageSize, pmdSize: pmdSize) })
        else { return [] }
        return segments.indices.filter { index in
            let segment = segments[index]
            return segment.type == .load && segment.isCongruent(modulo: pmdSize)
                && segment.alignment < UInt64(pmdSize)
        }
    }
}

extension ELFImage.Segment {
    /// Whole chunks of `pmdSize` bytes, as file offsets lie, in the pages that the segment maps.
    package func wholeChunks(pageSize: Int, pmdSize: Int) -> Int {
        let (page, chunk) = (UInt64(pageSize), UInt64(pmdSize))
        let (end, overflow) = offset.addingReportingOverflow(fileSize)
        guard !overflow, fileSize > 0, end <= .max - chunk else { return 0 }
        let first = (offset / page * page + chunk - 1) / chunk
        let last = (end + page - 1) / page * page / chunk
        return last > first ? Int(last - first) : 0
    }

    /// Whether PMDs can map a part of it that stays as it is in the file.
    package func canBeMapped(pageSize: Int, pmdSize: Int) -> Bool {
        !isWritable && isCongruent(modulo: pmdSize) && wholeChunks(pageSize: pageSize, pmdSize: pmdSize) > 0
    }

    /// `r-x` and the like.
    package var protection: String {
        (flags & 4 != 0 ? "r" : "-") + (isWritable ? "w" : "-") + (isExecutable ? "x" : "-")
    }

    /// What is odd about a PT_LOAD; nil: nothing.
    ///
    /// - Parameter end: the file's size in bytes.
    fileprivate func oddity(end: UInt64, pageSize: Int) -> String? {
        if alignment & (alignment &- 1) != 0 { return "a segment's p_align is no power of two" }
        if !isCongruent(modulo: pageSize) { return "a segment's address and offset differ within a page" }
        if alignment > 1, (virtualAddress &- offset) & (alignment - 1) != 0 {
            return "a segment's address and offset differ modulo its p_align"
        }
        if memorySize == 0 { return "a segment is empty" }
        // PF_MASKOS and PF_MASKPROC are nobody's on these machines.
        if flags & ~7 != 0 { return "a segment has flags beyond read, write and execute" }
        return offset + fileSize > end ? "a segment ends beyond the file" : nil
    }
}
