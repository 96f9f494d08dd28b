/// Whatever a file says it is, what the aligned exec view raises are the p_align of PT_LOAD segments of a
/// position-independent image: congruent, inside the file, and never lowered.
///
/// An input is two bytes for the file's size in pages, and then the beginning of the file.
@c(LLVMFuzzerTestOneInput)
public func fuzzHeaders(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = UnsafeBufferPointer(start: data, count: count)
    guard input.count > 2, let image = ELFImage.parse(Array(input[2...])) else { return 0 }
    let (page, pmd) = (4096, 2 << 20)
    let fileSize = (Int(input[0]) | Int(input[1]) << 8) * page
    let raised = image.raisedAlignments(fileSize: fileSize, pageSize: page, pmdSize: pmd)
    for index in raised {
        let segment = image.segments[index]
        let (end, overflow) = segment.offset.addingReportingOverflow(segment.fileSize)
        guard image.kind == .dynamic, segment.type == .load, segment.alignment < UInt64(pmd), !overflow,
            end <= UInt64(fileSize), (segment.virtualAddress &- segment.offset) % UInt64(pmd) == 0
        else { fatalError("header \(index) of \(image) is raised") }
    }
    for segment in image.loads {
        let chunks = segment.wholeChunks(pageSize: page, pmdSize: pmd)
        guard chunks >= 0, UInt64(chunks) <= segment.fileSize / UInt64(pmd) + 1 else {
            fatalError("\(chunks) chunks in \(segment)")
        }
    }
    return 0
}
