/// Whatever /proc and /sys say, it is read without a crash, and nothing is read that is not there.
///
/// An input is a text, packed perhaps, which is given to every parser of the kernel's texts, and a block of an ext4.
@c(LLVMFuzzerTestOneInput)
public func fuzzKernelText(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard MountTable.parse(bytes).mounts.count <= lines.count else { fatalError("more mounts than lines") }
    _ = MountTable.parse(text)
    for entry in Smaps.parse(text) where entry.range.end < entry.range.start || entry.range.length < 0 {
        fatalError("the mapping \(entry.range) ends before it begins")
    }
    _ = KernelConfig.parse(text)
    if let expanded = Gzip.expand(bytes) { _ = KernelConfig.parse(String(decoding: expanded, as: UTF8.self)) }
    for name in ["enabled", "defrag", "shmem_enabled", "hpage_pmd_size", "khugepaged/scan_sleep_millisecs"] {
        _ = HugePageSettings.parse([name: text])
    }
    _ = Ext4Superblock.parse(bytes)
    for line in lines {
        let line = String(decoding: line, as: UTF8.self)
        _ = CollapseTraceRecord.parse(line)
        _ = DeviceNumber(line)
    }
    return 0
}
