import Glibc

/// How the names of users and groups become numbers.
package struct People: Sendable {
    /// The id of a user; nil: there is none of the name.
    package var user: @Sendable (String) -> UInt32?
    /// The id of a group; nil: there is none of the name.
    package var group: @Sendable (String) -> UInt32?

    /// People from two tables, for tests.
    package init(users: [String: UInt32], groups: [String: UInt32]) {
        user = { users[$0] }
        group = { groups[$0] }
    }

    private init(
        user: @escaping @Sendable (String) -> UInt32?, group: @escaping @Sendable (String) -> UInt32?
    ) {
        self.user = user
        self.group = group
    }

    /// Those that this machine knows (getpwnam_r(3), getgrnam_r(3)).
    package static let ofThisMachine = People(
        user: { name in
            var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
            var buffer = [CChar](repeating: 0, count: 1 << 16)
            return getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0 && found != nil ? entry.pw_uid : nil
        },
        group: { name in
            var (entry, found) = (Glibc.group(), UnsafeMutablePointer<Glibc.group>?.none)
            var buffer = [CChar](repeating: 0, count: 1 << 16)
            return getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0 && found != nil ? entry.gr_gid : nil
        })
}
