import Glibc
import Logging

/// The log of a server in the background, which has no standard error any more: syslog(3).
struct SystemLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Each line by itself, as daemon.PRIORITY of `foliofs`.
    func log(event: LogEvent) {
        let priority = Self.priority(event.level)
        for line in event.message.description.split(separator: "\n") {
            String(line).withCString { text in
                withVaList([text]) { vsyslog(LOG_DAEMON | priority, "%s", $0) }
            }
        }
    }

    private static func priority(_ level: Logger.Level) -> Int32 {
        switch level {
        case .trace, .debug: LOG_DEBUG
        case .info: LOG_INFO
        case .notice: LOG_NOTICE
        case .warning: LOG_WARNING
        case .error: LOG_ERR
        case .critical: LOG_CRIT
        }
    }
}
