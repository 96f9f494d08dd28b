import Glibc

/// What a supervised mount has, to be the same after any number of daemons.
struct Possessions: CustomStringConvertible {
    /// Descriptors of the table that supervisor and daemon have in common.
    let descriptors: Int
    /// Inodes that the daemon knows.
    let inodes: Int
    /// Bytes of staged copies.
    let staged: Int
    /// KiB that are the supervisor's alone.
    let supervisor: Int
    /// KiB that are the daemon's alone.
    let daemon: Int
    /// KiB of the memory that is handed on, but for the desks at its beginning, of which each thread has one.
    let records: Int

    /// As it is once the kernel has forgotten what it can.
    init(_ bench: Workbench, _ mount: ServedMount, _ server: SupervisedServer) throws {
        try require("echo 2 > /proc/sys/vm/drop_caches; ls > /dev/null", in: mount.path)
        let process = try server.next()
        descriptors = Int(try require("ls /proc/\(process)/fd | wc -l").trimmed) ?? -1
        let status = try JSON(bench.cli("status", mount.path, "--json").text)
        inodes = Int(status["inodes"]?.number ?? -1)
        staged = Int(status["staging"]?["usedBytes"]?.number ?? 0)
        func kibibytes(_ key: String, of process: Int32) throws -> Int {
            Int(try require("awk '/^\(key):/ { print $2 }' /proc/\(process)/status").trimmed) ?? -1
        }
        supervisor = try kibibytes("RssAnon", of: mount.daemon.id)
        daemon = try kibibytes("RssAnon", of: process)
        let memory = try require(
            "for f in /proc/\(process)/fd/*; do case $(readlink $f) in /memfd:foliofs*) echo $f;; esac; done")
        records = Self.data(of: memory.trimmed, from: 512 << 20) / 1024
    }

    /// Bytes that are no hole.
    private static func data(of path: String, from start: Int) -> Int {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var (sum, end) = (0, start)
        // SEEK_DATA and SEEK_HOLE, which Glibc hides from Swift.
        while case let begin = lseek(file, end, 3), begin >= 0 {
            end = lseek(file, begin, 4)
            sum += end - begin
        }
        return sum
    }

    /// Whether it is no more than `other`, but for what comes and goes.
    func isWithin(_ other: Possessions) -> Bool {
        descriptors <= other.descriptors + 3 && inodes <= other.inodes + 10 && staged <= other.staged
            && supervisor <= other.supervisor + 512 && daemon <= other.daemon + 8192
            && records <= other.records + 512
    }

    var description: String {
        "\(descriptors) descriptors, \(inodes) inodes, \(staged) staged bytes, \(supervisor) KiB of the supervisor, "
            + "\(daemon) KiB of the daemon, \(records) KiB of records"
    }
}
