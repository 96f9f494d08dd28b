import Glibc

/// Who a worker process is.
struct WorkerIdentity {
    let user: uid_t
    let group: gid_t
    let groups: [gid_t]
    let mask: mode_t

    /// Every run has these processes: root twice, one user twice with other groups, and another user.
    static let all = [
        WorkerIdentity(user: 0, group: 0, groups: [], mask: 0o022),
        WorkerIdentity(user: 12001, group: 12001, groups: [13001, 13002], mask: 0o002),
        WorkerIdentity(user: 12002, group: 12002, groups: [13001], mask: 0o077),
        WorkerIdentity(user: 0, group: 13002, groups: [12001], mask: 0),
        WorkerIdentity(user: 12001, group: 13002, groups: [], mask: 0o027),
    ]

    func isMember(of other: gid_t) -> Bool { group == other || groups.contains(other) }
}
