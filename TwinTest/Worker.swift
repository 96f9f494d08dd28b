import CLinuxShims
import Glibc

/// A process of one world: waits for its turn, does its operations, hands the turn on.
struct Worker {
    let number: Int
    let world: World
    /// The name of the episode's directory.
    let episode: String
    let operations: [Operation]
    let record: Record
    /// Read ends and write ends of a pipe for each worker: what is read is the permission to go on.
    let turns: [(read: Int32, write: Int32)]
    /// Where the last operation is reported.
    let done: Int32
    let workers: UnsafeMutablePointer<pid_t>
    let mapped: MappedInodes

    /// Never returns.
    func run() -> Never {
        signal(SIGPIPE, SIG_IGN)
        let source = open(world.source + "/" + episode, OpenFlags.pathOnly | O_CLOEXEC)
        guard chdir(world.directory + "/" + episode) == 0, source >= 0 else { _exit(3) }
        let identity = WorkerIdentity.all[number]
        guard setgroups(identity.groups.count, identity.groups) == 0, setgid(identity.group) == 0,
            setuid(identity.user) == 0, folio_die_with_parent() == 0
        else { _exit(4) }
        umask(identity.mask)
        let executor = Executor(world, operations, record, source: source, workers: workers, mapped: mapped)
        for index in operations.indices where operations[index].worker == number {
            if index == 0 || operations[index - 1].worker != number { waitForTurn() }
            executor.play(index)
            if index + 1 == operations.count {
                hand(done)
            } else if operations[index + 1].worker != number {
                hand(turns[operations[index + 1].worker].write)
            }
        }
        // Locks and descriptors stay as they are until everybody is done.
        waitForTurn()
        _exit(0)
    }

    private func waitForTurn() {
        var byte: UInt8 = 0
        while read(turns[number].read, &byte, 1) != 1 {
            if errno != EINTR { _exit(5) }
        }
    }

    private func hand(_ pipe: Int32) {
        var byte: UInt8 = 1
        _ = write(pipe, &byte, 1)
    }
}
