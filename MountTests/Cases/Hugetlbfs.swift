import Glibc

/// Files on hugetlbfs: pages of its own, which nothing collapses, from a pool that may be empty.
let hugetlbfsCases: [TestCase] = [
    TestCase("Hugetlbfs/explain says what a touch, a collapse and write(2) do there, and the kernel does it") { bench in
        let place = try bench.make("huge")
        guard try bash("mount -t hugetlbfs -o pagesize=2M none huge", in: bench.directory).status == 0 else {
            throw Skip("no hugetlbfs of 2 MiB pages here; needs CONFIG_HUGETLBFS")
        }
        defer { umount2(place, 2) }  // MNT_DETACH
        let file = place + "/f"
        try require("truncate -s 4M f && ! dd if=/dev/zero of=f bs=4096 count=1 conv=notrunc", in: place)
        func verdict(_ operation: String) throws -> (String?, String?, String?) {
            let said = try JSON(try bench.cli("explain", file, "--operation", operation, "--json").text)
            return (said["verdict"]?.string, said["errno"]?.string, said["decidedBy"]?.string)
        }
        for operation in ["write", "khugepaged"] {
            let (verdict, _, rule) = try verdict(operation)
            try expectEqual(verdict, "denied", "verdict of \(operation)")
            try expectEqual(rule, "mapping.hugetlb", "rule of \(operation)")
        }
        let (collapse, errno, _) = try verdict("collapse")
        try expectEqual(collapse, "denied", "verdict of collapse")
        try expectEqual(errno, "EINVAL", "errno of collapse")
        let pool = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
        let before = readText(pool)?.filter(\.isNumber) ?? "0"
        defer { _ = try? bash("echo \(before) > \(pool)") }
        if before == "0" {
            let (fault, _, rule) = try verdict("fault")
            try expectEqual(fault, "denied", "verdict of a touch with an empty pool")
            try expectEqual(rule, "memory.allocation", "rule of a touch with an empty pool")
            try expect(map(file) == nil, "the file was mapped with an empty pool")
        }
        try require("echo $((\(before) + 2)) > \(pool)")
        guard readText(pool)?.filter(\.isNumber) == String((Int(before) ?? 0) + 2) else {
            throw Skip("no two huge pages are free in this machine's memory")
        }
        let (fault, _, _) = try verdict("fault")
        try expectEqual(fault, "allowed", "verdict of a touch")
        guard let mapping = map(file) else { throw Failure("the file cannot be mapped: errno \(Glibc.errno)") }
        defer { munmap(mapping, 4 << 20) }
        try expectEqual(madvise(mapping, 4 << 20, 22), 0, "MADV_POPULATE_READ")
        let mapped = (readText("/proc/self/smaps") ?? "").split(separator: "\n").filter { $0.contains("_Hugetlb:") }
            .compactMap { Int($0.filter(\.isNumber)) }
        try expectEqual(mapped.reduce(0, +), 4096, "kB that smaps counts as hugetlbfs's")
        try expectEqual(madvise(mapping, 4 << 20, 25), -1, "MADV_COLLAPSE")
        try expectEqual(Glibc.errno, EINVAL, "errno of MADV_COLLAPSE")
    }
]

private func map(_ path: String) -> UnsafeMutableRawPointer? {
    let file = open(path, O_RDWR | O_CLOEXEC)
    defer { close(file) }
    let start = mmap(nil, 4 << 20, PROT_READ, MAP_SHARED, file, 0)
    return start == MAP_FAILED ? nil : start
}
