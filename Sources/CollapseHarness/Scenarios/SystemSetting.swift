/// A control of the machine or the process under which a scenario is played.
package enum SystemSetting: String, ScenarioValue {
    /// As it is found.
    case asFound = "as-found"
    /// prctl(PR_SET_THP_DISABLE).
    case disabled
    /// prctl(PR_SET_THP_DISABLE) with PR_THP_DISABLE_EXCEPT_ADVISED.
    case disabledExceptAdvised = "disabled-except-advised"
    /// transparent_hugepage/enabled is always.
    case always
    /// transparent_hugepage/enabled is never.
    case never
    /// transparent_hugepage/shmem_enabled is deny.
    case shmemDeny = "shmem-deny"
    /// transparent_hugepage/shmem_enabled is force.
    case shmemForce = "shmem-force"
    /// The memory control group has no room for a PMD folio.
    case groupLimit = "group-limit"

    /// What is written to a file below transparent_hugepage; nil: nothing.
    package var change: (file: String, word: String)? {
        switch self {
        case .always: ("enabled", "always")
        case .never: ("enabled", "never")
        case .shmemDeny: ("shmem_enabled", "deny")
        case .shmemForce: ("shmem_enabled", "force")
        case .asFound, .disabled, .disabledExceptAdvised, .groupLimit: nil
        }
    }
}
