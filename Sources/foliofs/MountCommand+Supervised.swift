import ArgumentParser
import FolioFS
import FuseServer
import Glibc
import LinuxFacts
import Logging
import SystemPackage

extension MountCommand {
    /// The variable by which an image of the program that takes another's place is told where what is handed on is.
    private static let variable = "FOLIOFS_RECOVERY"

    /// Whether this image of the program takes another's place.
    static var takesImageOver: Bool { getenv(variable) != nil }

    /// Serves by daemons that follow one another, each a process of its own; this one watches over them.
    func serveSupervised(_ asked: ServeOptions, logger: Logger) throws {
        guard geteuid() == 0 else {
            throw CommandFailure(
                "cannot supervise \(asked.mountpoint): EPERM; it takes root, without which files are not known by their handles",
                code: .lacking)
        }
        let (options, memory) = try takeUp(asked, logger: logger)
        let keeping = Set([untilClosed].compactMap { $0 })
        let (lifeline, place) = (untilClosed, options.mountpoint)
        // Its variables stay with this process: another image of the program may take its place.
        let manager = Background.isServer ? nil : ServiceManager.own
        let hangLimit = max(1000, manager?.interval ?? Supervisor.defaultHangLimit)
        let supervisor = Supervisor(memory, mountpoint: place.string, hangLimit: hangLimit) {
            manager?.tellAlive()
        } log: { line, isEnd in
            if isEnd { logger.error("\(line)") } else { logger.warning("\(line)") }
            // What syslog(3) has open would be closed by the next daemon, and its number be another file's.
            closelog()
        } renew: {
            guard let program = Self.program else { return }
            memory.put(program, CommandLine.unsafeArgv, variable: Self.variable)
        }
        let ending = try supervisor.run {
            ServiceManager.keepFromChildren()
            let server = try DirectoryServer(options, logger: logger, recovery: memory, keeping: keeping) {
                memory.tellAlive()
                Background.tellReady()
                manager?.tellReady(place)
                if let lifeline { Lifeline.watch(lifeline, mountpoint: place) }
            }
            AnswerWatch.begin(place, every: min(hangLimit / 4, 5000), isHeldUp: server.isHeldUp) { memory.tellAlive() }
            if try server.run() { _exit(Supervisor.handedOver) }
        }
        if case .over(let status) = ending, status != 0 { throw ExitCode(status) }
    }

    /// What is to be served and what is handed on: new, or what another image of the program has left.
    private func takeUp(_ asked: ServeOptions, logger: Logger) throws -> (ServeOptions, RecoveryMemory) {
        let left = getenv(Self.variable).flatMap { Int32(String(cString: $0)) }
        unsetenv(Self.variable)
        do {
            if let left {
                let memory = try RecoveryMemory(left: left, filesystemForm: MountRecords.form)
                return (try DirectoryServer.prepareAgain(asked, memory), memory)
            }
            let options = try DirectoryServer.prepare(asked, logger: logger)
            let memory = try RecoveryMemory(filesystemForm: MountRecords.form)
            guard MountRecords.note(source: options.source, mountpoint: options.mountpoint, in: memory) else {
                throw Errno.fileNameTooLong
            }
            return (options, memory)
        } catch let error as Errno {
            throw CommandFailure("cannot supervise \(asked.mountpoint): \(error.name)")
        }
    }

    /// The program as it is installed now, which may be another than the one that runs.
    private static var program: String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/exe", &bytes, Int(PATH_MAX))
        guard count > 0 else { return nil }
        let path = String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.hasSuffix(" (deleted)") ? String(path.dropLast(10)) : path
    }
}
