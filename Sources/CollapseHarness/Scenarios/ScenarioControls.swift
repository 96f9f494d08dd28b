import CLinuxShims
import FolioPolicy
import LinuxFacts
import SystemPackage

/// The controls under which a scenario is played, put back when it goes.
final class ScenarioControls {
    /// The group whose limit a call runs into; nil: none.
    let group: SmallMemoryGroup?
    private let settings: MachineSettings?
    private let isDisabled: Bool

    /// Sets what the scenario asks for.
    /// - Parameter mayChange: whether settings of the machine may be changed.
    /// - Throws: `Unavailable` where they may not, or this kernel lacks them.
    init(_ scenario: Scenario, geometry: PageGeometry, workspace: FilePath, mayChange: Bool) throws {
        var changes = scenario.system.change.map { [MachineSettings.Change($0.file, $0.word)] } ?? []
        if scenario.operation == .khugepaged { changes += KhugepagedPasses.settings }
        guard mayChange || changes.isEmpty && scenario.system != .groupLimit else {
            throw Unavailable(reason: "a setting of the machine would have to be changed: --change-settings allows it")
        }
        group =
            scenario.system == .groupLimit
            ? try SmallMemoryGroup(tooSmallFor: geometry.pmdSize, in: workspace) : nil
        settings = changes.isEmpty ? nil : try MachineSettings(changes)
        switch scenario.system {
        case .disabled: _ = try systemCall { folio_set_thp_disabled(1) }
        case .disabledExceptAdvised:
            guard folio_set_thp_disabled_except_advised() == 0 else {
                throw Unavailable(reason: "this kernel has no PR_THP_DISABLE_EXCEPT_ADVISED")
            }
        case .asFound, .always, .never, .shmemDeny, .shmemForce, .groupLimit: break
        }
        isDisabled = scenario.system == .disabled || scenario.system == .disabledExceptAdvised
    }

    deinit { if isDisabled { _ = folio_set_thp_disabled(0) } }
}
