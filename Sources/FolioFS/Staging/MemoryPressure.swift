import CLinuxShims
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// Tells when memory is short, on a thread that waits for the kernel to say so: a trigger on /proc/pressure/memory, and what the
/// server's own control group tells of its limits.
final class MemoryPressure: Sendable {
    /// What is waited for: tasks stalled on memory for so many microseconds of a trigger's window.
    private static let stall = 200_000

    private struct Source: Sendable {
        /// For people: the file that tells.
        let name: String
        let descriptor: Int32
        /// Whether tasks are known to stall; else a limit has been met, which page cache alone may do.
        let isStall: Bool
        /// What it is polled for.
        let events: Int16
        /// Makes it tell again; false: what it told is not so.
        let rearm: @Sendable () -> Bool
    }

    private let sources: [Source]
    /// Descriptors that have to stay open.
    private let kept: [DescriptorOwner]
    private let wake: WakeUp
    private let ended: WakeUp
    private let stopped = Atomic(false)
    private let isShort: @Sendable (String, Bool) -> Void

    /// - Parameter isShort: called with what told it, and whether tasks stall, on a thread of its own.
    /// - Throws: EMFILE.
    init(isShort: @escaping @Sendable (String, Bool) -> Void) throws(Errno) {
        self.isShort = isShort
        wake = try WakeUp()
        ended = try WakeUp()
        var sources: [Source] = []
        var kept: [DescriptorOwner] = []
        func add(
            _ name: String, _ descriptor: DescriptorOwner, _ events: Int32, _ rearm: @escaping @Sendable () -> Void
        ) {
            kept.append(descriptor)
            sources.append(
                Source(name: name, descriptor: descriptor.descriptor, isStall: false, events: Int16(events)) {
                    rearm()
                    return true
                })
        }
        func addTrigger(_ path: FilePath) {
            guard let trigger = try? PressureTrigger(path, stall: Self.stall) else { return }
            sources.append(
                Source(
                    name: path.string, descriptor: trigger.descriptor, isStall: true, events: Int16(POLLPRI),
                    rearm: trigger.isConfirmed))
        }
        addTrigger("/proc/pressure/memory")
        if let group = MemoryControlGroup.own {
            switch group.version {
            case .one:
                func addNotice(_ file: FilePath, _ argument: String) {
                    guard let (event, watched) = try? Self.notice(file, argument) else { return }
                    kept.append(watched)
                    let descriptor = event.descriptor
                    add(file.string, event, POLLIN) {
                        var count: UInt64 = 0
                        _ = read(descriptor, &count, 8)
                    }
                }
                addNotice(group.directory.appending("memory.pressure_level"), "low")
                // Where nothing can be reclaimed the former comes too late.
                for level in group.levels() {
                    addNotice(
                        level.directory.appending("memory.usage_in_bytes"),
                        String(level.limit - level.limit / MemoryHeadroom.margin))
                }
            case .two:
                addTrigger(group.directory.appending("memory.pressure"))
                let events = group.directory.appending("memory.events")
                if let file = try? Self.open(events, O_RDONLY) {
                    let descriptor = file.descriptor
                    let rearm: @Sendable () -> Void = {
                        var text = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
                        lseek(descriptor, 0, SEEK_SET)
                        while read(descriptor, &text, 32) > 0 {}
                    }
                    rearm()
                    add(events.string, file, POLLPRI, rearm)
                }
            }
        }
        self.sources = sources
        self.kept = kept
    }

    /// The files that tell.
    var names: [String] { sources.map(\.name) }

    func start() {
        guard !sources.isEmpty else { return ended.signal() }
        BackgroundThread.run { [self] in
            run()
            ended.signal()
        }
    }

    /// Ends the thread, and waits two seconds at most until it has ended.
    func stop() {
        stopped.store(true, ordering: .sequentiallyConsistent)
        wake.signal()
        _ = ended.isSignalled(within: 2000)
    }

    private func run() {
        var sources = sources
        while !stopped.load(ordering: .sequentiallyConsistent) {
            var polled = sources.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
            wake.wait(polling: &polled)
            for (source, state) in zip(sources, polled) where state.revents & source.events != 0 {
                if source.rearm() { isShort(source.name, source.isStall) }
            }
            // Of a group that is gone nothing is told any more.
            sources = zip(sources, polled).filter { $1.revents == 0 || $1.revents & $0.events != 0 }.map { $0.0 }
        }
    }

    private static func open(_ path: FilePath, _ flags: Int32) throws(Errno) -> DescriptorOwner {
        DescriptorOwner(
            try systemCall { path.withPlatformString { Glibc.open($0, flags | O_CLOEXEC | O_NONBLOCK) } })
    }

    /// A version 1 group's notice (Documentation/admin-guide/cgroup-v1/memory.rst): that it has begun to reclaim, or takes so many
    /// bytes. An event descriptor, and the file that has to stay open.
    private static func notice(
        _ file: FilePath, _ argument: String
    ) throws(Errno) -> (DescriptorOwner, DescriptorOwner) {
        let event = DescriptorOwner(try systemCall { folio_event_descriptor() })
        let watched = try open(file, O_RDONLY)
        let control = try open(file.removingLastComponent().appending("cgroup.event_control"), O_WRONLY)
        let text = Array("\(event.descriptor) \(watched.descriptor) \(argument)".utf8)
        _ = try systemCall { write(control.descriptor, text, text.count) }
        return (event, watched)
    }
}
