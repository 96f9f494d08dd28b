import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP as a wish to end, looked at between scenarios, so that what was made is taken down.
package enum StopSignal {
    private static let asked = Atomic<Bool>(false)

    /// Takes the signals from now on; a second one ends the process.
    package static func install() {
        _ = asked.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in StopSignal.asked.store(true, ordering: .relaxed) }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
        }
    }

    /// Whether one has come.
    package static var isAsked: Bool { asked.load(ordering: .relaxed) }
}
