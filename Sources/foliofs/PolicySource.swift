import FolioConfiguration
import FolioFS
import FolioPolicy
import SystemPackage

/// Where the policy of a mount comes from: options, which win, and a file that may be read again.
struct PolicySource: Sendable {
    private let file: FilePath?
    private let first: [RouteRule]
    private let stageSyncLimit: Int?
    private let atMount: Configuration

    /// - Parameters:
    ///   - first: the rules that options are.
    ///   - stageSyncLimit: in bytes, where an option says it.
    ///   - atMount: what the file says as the mount begins.
    init(options: ConfigurationOptions, first: [RouteRule], stageSyncLimit: Int?, atMount: Configuration) {
        file = options.path
        self.first = first
        self.stageSyncLimit = stageSyncLimit
        self.atMount = atMount
    }

    /// The policy by what the file says now.
    /// - Throws: `ConfigurationError`, and then nothing of the file holds.
    func read() throws -> ServePolicy { policy(try ConfigurationFile.load(file)) }

    /// The policy by what a file says.
    func policy(_ configuration: Configuration) -> ServePolicy {
        var policy = ServePolicy()
        policy.rules = RouteRules(first + configuration.rules)
        if let limit = stageSyncLimit ?? configuration.stageSyncLimit { policy.stageSyncLimit = limit }
        policy.configuration = configuration.file
        policy.atNextMount = configuration.settingsThatDiffer(from: atMount)
        return policy
    }
}
