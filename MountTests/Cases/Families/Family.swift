/// The tests of one family of operations: scripts that make real system calls in a directory of their own and say all they
/// learn, but nothing that differs from run to run.
struct Family: Sendable {
    /// One script.
    struct Script: Sendable {
        let name: String
        let text: String
        let isPython: Bool

        /// Run by bash, standard error where standard output goes.
        static func shell(_ name: String, _ text: String) -> Script { Script(name: name, text: text, isPython: false) }

        /// Run by python3 after `FamilyPrelude`.
        static func python(_ name: String, _ text: String) -> Script { Script(name: name, text: text, isPython: true) }
    }

    let name: String
    let scripts: [Script]

    init(_ name: String, _ scripts: [Script]) {
        self.name = name
        self.scripts = scripts
    }

    /// Every family.
    static let all: [Family] = [
        renameFamily,
        linksFamily,
        temporaryFilesFamily,
        namesFamily,
        directoriesFamily,
        openFlagsFamily,
        readWriteFamily,
        mappingsFamily,
        truncateFamily,
        allocateFamily,
        seekRangesFamily,
        copyRangeFamily,
        largeFilesFamily,
        synchronizeFamily,
        timesFamily,
        ownershipFamily,
        setIDsFamily,
        permissionsFamily,
        extendedAttributesFamily,
        accessControlListsFamily,
        recordLocksFamily,
        fileLocksFamily,
        specialFilesFamily,
        statisticsFamily,
        inodeFlagsFamily,
        programsFamily,
    ]
}
