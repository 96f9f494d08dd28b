import FolioCapability
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Asks the policy, for each filesystem that is mounted here, by which routes a program of two PMD chunks could be served.
struct RouteSurvey {
    /// A filesystem type, and one place where it is.
    struct Place: Equatable {
        let type: String
        let mountpoint: String

        var description: String { "\(type) (\(mountpoint))" }
    }

    /// What the policy said of each route on each filesystem; nil: it can be taken.
    private let obstacles: [(place: Place, byRoute: [Route: String])]

    /// The filesystems that are mounted here.
    init(_ reader: FactReader, _ registry: CapabilityRegistry, passthroughGranted: Bool) {
        let (kernel, system) = (reader.kernel(), reader.system())
        let file = FileFacts(
            size: 2 * kernel.geometry.pmdSize, regular: true, inodeFlags: [], compressed: false, dax: false,
            executable: true)
        var known: Set<String> = []
        obstacles = ((try? MountTable.read().mounts) ?? []).compactMap { mount in
            guard Self.holdsFiles(mount), known.insert(mount.type).inserted,
                let filesystem = try? reader.filesystem(of: mount.mountpoint)
            else { return nil }
            let capability = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
            let byRoute = Route.allCases.map { route in
                var choice = RuleChoice()
                choice.routes = [route]
                let decision = FolioPolicy.route(
                    RouteQuery(
                        kernel: kernel, system: system, capability: capability, file: file,
                        passthroughGranted: passthroughGranted, choice: choice))
                return (route, decision.tried.first { $0.route == route }?.obstacle)
            }
            return (
                Place(type: mount.type, mountpoint: mount.mountpoint.string),
                Dictionary(uniqueKeysWithValues: byRoute.compactMap { route, why in why.map { (route, $0) } })
            )
        }
    }

    /// From what the policy said, for tests.
    init(_ obstacles: [(place: Place, byRoute: [Route: String])]) { self.obstacles = obstacles }

    /// Whether something can be a source: it has blocks, or is tmpfs without a limit.
    private static func holdsFiles(_ mount: Mount) -> Bool {
        guard !["fuse.foliofs", "hugetlbfs", "devtmpfs"].contains(mount.type) else { return false }
        var status = statvfs()
        guard mount.mountpoint.withPlatformString({ statvfs($0, &status) }) == 0 else { return false }
        return status.f_blocks > 0 || mount.type == "tmpfs"
    }

    /// Whether a route can be taken somewhere, and in words where, and why nowhere else.
    func answer(_ route: Route) -> (ok: Bool, detail: String) {
        let there = obstacles.filter { $0.byRoute[route] == nil }.map(\.place.description)
        var reasons: [String: [String]] = [:]
        for (place, byRoute) in obstacles {
            if let why = byRoute[route] { reasons[why, default: []].append(place.description) }
        }
        let refused = reasons.sorted { $0.key < $1.key }.map { why, places in
            "not on \(places.joined(separator: ", ")): \(why)"
        }
        let allowed = there.isEmpty ? [] : ["on " + there.joined(separator: ", ")]
        let words = allowed + refused
        return (!there.isEmpty, words.isEmpty ? "no filesystem is mounted here" : words.joined(separator: "; "))
    }
}
