/// A short run of the twin test on each filesystem, in every mode; make twin plays millions.
let twinCases: [TestCase] = ["ext4", "xfs", "btrfs", "tmpfs"].map { type in
    TestCase("Twin/\(type), the same operations on a directory and through the mount of its twin", limit: 180) {
        bench in
        let seed = ChildProcess.environment["SEED"].flatMap(Int.init) ?? 1
        let said = try run(
            [
                bench.binaries + "/foliofs-twin", "--foliofs", bench.binaries + "/foliofs", "--filesystem", type,
                "--operations", "36000", "--seed", "\(seed)", "--shrink-seconds", "20", "--work",
                try bench.make("twin"),
            ], timeout: 170)
        try expect(said.status == 0, "make twin FILESYSTEM=\(type) SEED=\(seed):\n\(said.text)")
        note(said.lines.first { $0.contains("operations, seed") } ?? "")
    }
}
