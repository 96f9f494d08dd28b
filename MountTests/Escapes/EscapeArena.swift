import CLinuxShims
import Glibc
import Synchronization

/// A source beside a folder that is none of its business, names that swap all the time, and threads that use them.
///
/// Symbolic links are relative to the source, where they lead outside; from the mount, which stands elsewhere, they lead to
/// nothing. So whatever arrives outside went there through the daemon.
final class EscapeArena: @unchecked Sendable {
    let source: String
    let outside: String
    let mountpoint: String
    private var stop = false
    private var found: [String] = []
    private var counts: [String: Int] = [:]
    private let mutex = Mutex(())

    init(_ bench: Workbench) throws {
        source = try bench.make("source")
        outside = try bench.make("outside")
        mountpoint = "elsewhere/mnt"
        _ = try bench.make("elsewhere")
        try require(
            """
            mkdir -p source/a/sub source/d/e/sub outside/sub
            for d in a d/e; do for f in x y sub/x; do echo inside > source/$d/$f; done; done
            ln -s ../outside source/link; ln -s ../../outside source/d/l; ln -s ../outside/x source/a/sly; ln -s ../../outside source/a/way
            for f in x y sub/x ONLY-OUTSIDE; do echo SECRET > outside/$f; setfattr -n user.outside -v yes outside/$f; done
            chmod 755 outside outside/sub; touch -a -d 2001-01-01 outside outside/sub outside/x outside/y outside/sub/x outside/ONLY-OUTSIDE
            """, in: bench.directory)
    }

    private func locked<Value: Sendable>(_ body: () -> Value) -> Value { mutex.withLock { _ in body() } }

    /// Everything outside, with what any access but a look at the attributes would change; a directory's access time is left
    /// out, for this looks into it.
    func print() throws -> String {
        try require(
            "find . -printf '%p %y %m %n %s %i %U %T@ %C@\\n' | sort; find . -type f -printf '%p %A@\\n' | sort",
            in: outside)
    }

    /// Lets all at it for some seconds.
    ///
    /// - Returns: how often each call succeeded.
    func run(_ mount: String, seconds: Double, seed: UInt64) throws -> [String: Int] {
        let pairs = [("a", "link"), ("d/e", "d/l")]
        var threads = pairs.map { pair in CrashThread { self.swap(self.source, pair.0, pair.1) } }
        threads.append(CrashThread { self.swap(mount, "a", "link") })
        for number in 0..<4 {
            threads.append(CrashThread { self.use(mount, seed: seed &+ UInt64(number) &* 104729) })
        }
        usleep(UInt32(seconds * 1_000_000))
        locked { stop = true }
        for thread in threads { thread.join() }
        let problems = locked { found }
        try expect(problems.isEmpty, problems.prefix(5).joined(separator: "\n"))
        return locked { counts }
    }

    private var isOver: Bool { locked { stop } }

    private func report(_ problem: String) { locked { found.append(problem) } }

    private func count(_ call: String) { locked { counts[call, default: 0] += 1 } }

    private func swap(_ root: String, _ one: String, _ other: String) {
        while !isOver {
            // RENAME_EXCHANGE
            if folio_rename(AT_FDCWD, root + "/" + one, AT_FDCWD, root + "/" + other, 2) == 0 { count("exchange") }
        }
    }

    private func use(_ mount: String, seed: UInt64) {
        var random = CrashRandom(state: seed)
        let mine = "n\(seed % 1000)"
        while !isOver {
            let directory =
                mount + "/"
                + ["a", "link", "d/e", "d/l", "a/sub", "d/e/sub", "a/way", "d/../a"][Int(random.next() % 8)]
            let file = directory + "/" + ["x", "y", "sub/x", "sly", "ONLY-OUTSIDE"][Int(random.next() % 5)]
            act(Int(random.next() % 16), directory, file, mine)
        }
    }

    private func act(_ number: Int, _ directory: String, _ file: String, _ mine: String) {
        let made = directory + "/" + mine
        switch number {
        case 0, 1: read(file)
        case 2: list(directory)
        case 3:
            let created = open(made, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
            if created >= 0 {
                count("create")
                _ = write(created, "mine", 4)
                close(created)
            }
        case 4: tried("unlink", unlink(made))
        case 5: tried("mkdir", mkdir(made + "d", 0o755))
        case 6: tried("rmdir", rmdir(made + "d"))
        case 7: tried("rename", rename(made, directory + "/" + mine + "r"))
        case 8: tried("unlink", unlink(directory + "/" + mine + "r"))
        case 9: tried("chmod", chmod(file, 0o640))
        case 10: tried("setxattr", setxattr(file, "user.test", "v", 1, 0))
        case 11: tried("link", link(file, made + "l"))
        case 12: tried("unlink", unlink(made + "l"))
        case 13:
            tried("symlink", symlink("../../outside/x", made + "s"))
            tried("unlink", unlink(made + "s"))
        case 14: tried("truncate", truncate(file, 7))
        default:
            var times = (timespec(tv_sec: 5, tv_nsec: 0), timespec(tv_sec: 6, tv_nsec: 0))
            tried(
                "utimens",
                withUnsafePointer(to: &times) { pointer in
                    pointer.withMemoryRebound(to: timespec.self, capacity: 2) { utimensat(AT_FDCWD, file, $0, 0) }
                })
            var status = stat()
            if stat(directory + "/ONLY-OUTSIDE", &status) == 0 { report("\(directory)/ONLY-OUTSIDE is seen") }
        }
    }

    private func tried(_ call: String, _ result: Int32) { if result == 0 { count(call) } }

    private func read(_ path: String) {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let got = Glibc.read(file, &bytes, bytes.count)
        guard got > 0 else { return }
        count("read")
        if String(decoding: bytes[..<got], as: UTF8.self).contains("SECRET") { report("\(path) was read from outside") }
    }

    private func list(_ path: String) {
        guard let directory = opendir(path) else { return }
        defer { closedir(directory) }
        count("list")
        while let entry = readdir(directory) {
            let name = String(cString: (UnsafeRawPointer(entry) + 19).assumingMemoryBound(to: CChar.self))
            if name == "ONLY-OUTSIDE" { report("\(path) lists what is outside") }
        }
    }
}
