import ArgumentParser
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// `foliofs run`: a command whose program and libraries are served through private mounts.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command with huge-page text: its program and libraries through a private mount.",
        usage: "foliofs run [-o OPTIONS] [--serve DIR]... -- COMMAND [ARGUMENT]...",
        discussion: """
            The directories that hold the program, its loader and its libraries are covered by mounts that only the \
            command and what it starts can see, so all paths stay the same. This process becomes the command: signals, \
            standard input and output, working directory, environment and exit code are its own. 126 and 127: it could \
            not be run, as shells have it.
            """)

    @Option(
        name: .short,
        help: ArgumentHelp(
            "Options of the mounts, as foliofs mount has them, comma-separated.", valueName: "options"))
    var o: [String] = []

    @Option(help: ArgumentHelp("Serve this directory as well. Repeatable.", valueName: "dir"))
    var serve: [String] = []

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.")
    var command: [String] = []

    mutating func validate() throws {
        if command.isEmpty { throw ValidationError("name a command after --: foliofs run -- COMMAND") }
    }

    func run() throws {
        try checkMachine()
        guard let program = ProgramSearch.find(command[0]) else {
            // As execvp(3) says it.
            let failure = Errno(rawValue: execute())
            throw cannotRun(failure)
        }
        let table = try MountTable.read()
        let plan = try RunPlan(program: program, directories: try serve.map(Self.directory))
        // What a mount of FolioFS shows has huge pages already.
        let covers = plan.covers.filter { table.mount(containing: $0.directory)?.type != "fuse.foliofs" }
        if !covers.isEmpty {
            try PrivateMounts.make(covers) { o + Self.restrictions(table.mount(containing: $0.directory)) }
        }
        let failure = Errno(rawValue: execute())
        throw cannotRun(failure)
    }

    /// Becomes the command.
    /// - Returns: why it could not.
    private func execute() -> Int32 {
        _ = signal(SIGPIPE, CommandRunner.inheritedPipeAction)
        let words = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        execvp(command[0], words)
        let failure = errno
        signal(SIGPIPE, SIG_IGN)
        return failure
    }

    /// What the mount of a directory forbids, which the one that covers it forbids as well.
    private static func restrictions(_ mount: Mount?) -> [String] {
        ["nosuid", "nodev", "noexec", "ro"].filter { mount?.options[$0] != nil }
    }

    private func cannotRun(_ failure: Errno) -> CommandFailure {
        let isMissing = failure == .noSuchFileOrDirectory
        let advice = isMissing ? "give its path, or have it in PATH" : failure.advice
        return CommandFailure(
            "cannot run \(command[0]): \(failure.name)" + (advice.map { "; " + $0 } ?? ""),
            code: ExitCode(isMissing ? 127 : 126))
    }

    private func checkMachine() throws {
        let privileges = Privileges.read()
        guard privileges.administrator, privileges.initialNamespace else {
            throw CommandFailure(
                "cannot run through a private mount: EPERM; FUSE passthrough takes CAP_SYS_ADMIN in the initial user "
                    + "namespace, which a user namespace does not give: run it as root", code: .lacking)
        }
        guard let version = KernelRelease.read().version, version >= KernelVersion(6, 9) else {
            throw CommandFailure(
                "cannot run through a private mount: ENOSYS; FUSE passthrough begins with Linux 6.9", code: .lacking)
        }
    }

    private static func directory(_ path: String) throws -> FilePath {
        let real = try FilePath(path).resolved()
        guard try FileStatus.read(real).isDirectory else {
            throw LinuxError("serve", real, .notDirectory, advice: "name a directory")
        }
        guard real != "/" else {
            throw LinuxError(
                "serve", real, .invalidArgument, advice: "the root cannot be covered: name directories in it")
        }
        return real
    }
}
