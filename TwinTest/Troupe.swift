import CLinuxShims
import Glibc

/// The processes that play one episode in one world.
final class Troupe {
    private let world: World
    private let record: Record
    private var turns: [(read: Int32, write: Int32)] = []
    private var finished: (read: Int32, write: Int32) = (-1, -1)
    private let workers: UnsafeMutablePointer<pid_t>
    private let count = WorkerIdentity.all.count
    private var alive: Set<Int> = []
    private var progress = 0
    private var lastProgress = 0

    /// Starts them; nobody has the turn yet.
    init(_ world: World, episode: String, _ operations: [Operation], _ record: Record, _ mapped: MappedInodes) throws {
        self.world = world
        self.record = record
        let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | Int32(MAP_ANONYMOUS), -1, 0)
        guard let memory, memory != MAP_FAILED else { throw Failure("cannot share memory: \(errnoText(errno))") }
        workers = memory.bindMemory(to: pid_t.self, capacity: count)
        finished = try Self.pipe()
        for _ in 0..<count { turns.append(try Self.pipe()) }
        fflush(nil)
        for number in 0..<count {
            let child = folio_fork()
            guard child >= 0 else { throw Failure("cannot fork: \(errnoText(errno))") }
            if child == 0 {
                Worker(
                    number: number, world: world, episode: episode, operations: operations, record: record,
                    turns: turns, done: finished.write, workers: workers, mapped: mapped
                ).run()
            }
            workers[number] = child
            alive.insert(number)
        }
        if let first = operations.first { hand(first.worker) }
    }

    deinit {
        for number in alive { kill(workers[number], SIGKILL) }
        for number in alive { waitpid(workers[number], nil, 0) }
        for pipe in turns + [finished] {
            close(pipe.read)
            close(pipe.write)
        }
        munmap(workers, 4096)
    }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw Failure("cannot make a pipe: \(errnoText(errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private func hand(_ number: Int) {
        var byte: UInt8 = 1
        _ = write(turns[number].write, &byte, 1)
    }

    /// Waits until all operations are done; why not, where they were not.
    func wait(patience: Int) -> String? {
        lastProgress = time(nil)
        while true {
            var wanted = pollfd(fd: finished.read, events: Int16(POLLIN), revents: 0)
            if poll(&wanted, 1, 500) > 0 { return nil }
            for number in alive where waitpid(workers[number], nil, WNOHANG) == workers[number] {
                alive.remove(number)
                return "process \(number) of the \(world.kind) world died"
            }
            if record.done != progress {
                progress = record.done
                lastProgress = time(nil)
            } else if time(nil) - lastProgress > patience {
                return "no operation ended in \(patience) s in the \(world.kind) world: it hangs"
            }
        }
    }

    /// Ends the processes, one after the other.
    func end() -> String? {
        for number in 0..<count where alive.contains(number) {
            hand(number)
            var status: Int32 = 0
            waitpid(workers[number], &status, 0)
            alive.remove(number)
            if status != 0 { return "process \(number) of the \(world.kind) world ended with status \(status)" }
        }
        return nil
    }
}
