import Glibc

/// Where a case works, and the programs that it works with.
struct Workbench: Sendable {
    /// Holds foliofs and MemoryFilesystem.
    let binaries: String
    /// Holds touch and observe.
    let tools: String
    /// An empty directory of this case alone; on ext4 unless `Workbench.isExt4` says otherwise.
    let directory: String

    var foliofs: String { binaries + "/foliofs" }
    var touch: String { tools + "/touch" }
    var observe: String { tools + "/observe" }

    /// The project's folder, which the binaries were built in.
    var repository: String {
        var folder = binaries[...]
        while !folder.isEmpty, !exists(folder + "/Package.swift") {
            folder = folder.prefix(upTo: folder.lastIndex(of: "/") ?? folder.startIndex)
        }
        return String(folder)
    }

    /// A program of Stress/.
    func stress(_ name: String) -> String { tools + "/" + name }

    /// Makes a directory beneath the case's own.
    func make(_ name: String) throws -> String {
        let path = directory + "/" + name
        try require("mkdir -p \"$P\"", environment: ["P": path])
        return path
    }

    /// Runs foliofs.
    func cli(_ arguments: String..., timeout: Double = 50) throws -> Outcome {
        try run([foliofs] + arguments, timeout: timeout)
    }

    /// A directory on ext4: the case's own, or a loop image of `megabytes`.
    func ext4(megabytes: Int) throws -> String {
        if try require("stat -f -c %T .", in: directory).hasPrefix("ext2/ext3") { return try make("source") }
        return try loop("mkfs.ext4 -q -F", megabytes: megabytes, name: "ext4")
    }

    /// A loop image made by `format IMAGE` and mounted; it goes when it is unmounted.
    func loop(_ format: String, megabytes: Int, name: String, options: String = "loop") throws -> String {
        let tool = String(format.prefix { $0 != " " })
        guard try bash("command -v \(tool)").status == 0 else {
            throw Skip("no \(tool); make deps installs it")
        }
        let mountpoint = try make(name)
        let outcome = try bash(
            "truncate -s \(megabytes)M \(name).img && \(format) \(name).img && mount -o \(options) \(name).img \(name)",
            in: directory)
        guard outcome.status == 0 else {
            throw Skip(
                "cannot make a \(name) loop image (\(outcome.lines.last ?? "")); needs loop devices and the filesystem")
        }
        return mountpoint
    }
}

/// Swift's own clang, or another compiler big enough to be worth huge pages.
func bigCompiler() throws -> String {
    let found = try bash(
        "for c in \"$(command -v clang)\" /opt/swift/usr/bin/clang /usr/lib/llvm-*/bin/clang; do "
            + "r=$(readlink -f \"$c\") && [ -x \"$r\" ] && [ \"$(stat -c %s \"$r\")\" -gt 33554432 ] && echo \"$r\" && exit 0; done; exit 1"
    )
    guard found.status == 0, let path = found.lines.first else {
        throw Skip("no clang of 32 MiB or more; install the Swift toolchain")
    }
    return path
}
