import FolioCapability
package import FolioPolicy

/// What a configuration file says: settings that options have as well, and rules. nil: the file does not say it.
package struct Configuration: Sendable {
    /// The file as it was named; nil: there is none.
    package var file: String?
    /// Bytes that staged copies may take together.
    package var stageLimit: Int?
    /// The largest file in bytes that is promoted before its open is answered.
    package var stageSyncLimit: Int?
    /// Patterns of paths whose files get their huge folios ahead of any open.
    package var prestage: [PathPattern] = []
    /// Bytes a second that are promoted behind; 0: as fast as it goes.
    package var promotionRate: Int?
    /// How much of what memory is available a promotion may fill with what it reads in, in percent, from 1 to 100.
    package var promotionMemory: Int?
    /// Seconds after which a promoted file that is open is looked at for losses, up to a day; 0: never.
    package var promotionCheck: Int?
    /// How the source is watched, by its word: `fanotify`, `inotify`, `timeouts`.
    package var watch: String?
    /// Whether everything goes through FUSE's page cache.
    package var noPassthrough: Bool?
    /// Whether nothing may be changed through the mount.
    package var readOnly: Bool?
    /// Whether others than the user who mounts may use the mount.
    package var allowOther: Bool?
    /// Whether the source ends where something else is mounted inside.
    package var oneFileSystem: Bool?
    /// Directories of capability plugins, absolute.
    package var plugins: [String] = []
    /// The rules, in order, without those that are built in.
    package var rules: [RouteRule] = []

    /// Says nothing.
    package init() {}

    /// What a text says.
    ///
    /// - Parameters:
    ///   - file: the name that errors bear.
    ///   - people: how names of users and groups become numbers.
    /// - Throws: everything that is wrong.
    package static func parse(
        _ text: String, file: String, people: People = .ofThisMachine
    ) throws(ConfigurationError) -> Configuration {
        let root: ManifestNode
        let schema: SchemaNode
        do throws(ManifestError) {
            root = try TOMLDocument.parse(text, file: file, as: form)
        } catch {
            throw ConfigurationError(problems: [error])
        }
        do throws(QueryError) {
            schema = try ConfigurationSchema.schema
        } catch {
            throw ConfigurationError(
                problems: [ManifestError("the built-in schema is no JSON: \(error)", in: "configuration schema")])
        }
        var reader = ConfigurationReader(file: file, people: people)
        reader.read(root)
        // What has the wrong form is said once, by the schema.
        let wrong = SchemaCheck.problems(root, schema, "the configuration", file: file)
        let more = reader.problems.filter { problem in
            !wrong.contains { ($0.line, $0.column) == (problem.line, problem.column) }
        }
        guard wrong.isEmpty, more.isEmpty else {
            throw ConfigurationError(problems: (wrong + more).sorted { ($0.line, $0.column) < ($1.line, $1.column) })
        }
        return reader.configuration
    }

    /// The settings that say something else than `other` does, of those that are looked at only as a mount begins.
    package func settingsThatDiffer(from other: Configuration) -> [String] {
        let settings: [(key: String, differs: Bool)] = [
            ("stage-limit", stageLimit != other.stageLimit), ("prestage", prestage != other.prestage),
            ("promotion-rate", promotionRate != other.promotionRate),
            ("promotion-memory", promotionMemory != other.promotionMemory),
            ("promotion-check", promotionCheck != other.promotionCheck),
            ("watch", watch != other.watch),
            ("no-passthrough", noPassthrough != other.noPassthrough), ("read-only", readOnly != other.readOnly),
            ("allow-other", allowOther != other.allowOther),
            ("one-file-system", oneFileSystem != other.oneFileSystem), ("plugins", plugins != other.plugins),
        ]
        return settings.filter(\.differs).map(\.key)
    }

    private static let form = TOMLDocument.Form(
        name: "a configuration", tables: "[[rule]]", inlineTable: "{ opens = 3, within = \"10m\" }")
}
