import FolioCapability
import FolioFS
import FolioPolicy
import LinuxFacts

/// The routes that remain here.
extension DoctorReport {
    /// Each route, with what would give it where it is not there.
    ///
    /// - Parameters:
    ///   - passthrough: what `fuse.passthrough` found.
    ///   - settings: what was found of the huge page settings.
    static func routes(
        _ reader: FactReader, _ registry: CapabilityRegistry, passthrough: DoctorCheck, settings: [DoctorCheck]
    ) -> [DoctorRoute] {
        let survey = RouteSurvey(reader, registry, passthroughGranted: passthrough.ok)
        let settingsAdvice = settings.lazy.compactMap(\.advice).first
        return Route.allCases.map { route in
            let (ok, places) = survey.answer(route)
            var detail = places
            let advice: String
            switch route {
            case .native:
                advice =
                    passthrough.advice ?? settingsAdvice
                    ?? "keep sources on xfs, btrfs or tmpfs, or on ext4 with Linux 6.16 or later; foliofs explain PATH says which file"
            case .staged:
                if ok { detail = "from any filesystem; \(roomForCopies())" }
                advice =
                    passthrough.advice ?? settingsAdvice ?? "foliofs explain --json PATH has what stands in its way"
            case .fallback:
                let isGone = reader.kernel().version.map { $0 >= KernelVersion(7, 2) } ?? false
                advice =
                    isGone
                    ? "none is needed: from 7.2 on MADV_COLLAPSE asks the filesystem, and native does what it did"
                    : "boot a kernel before 7.2 with CONFIG_READ_ONLY_THP_FOR_FS=y; native and staged do without it"
            case .plain: advice = "mount a filesystem to serve"
            }
            return DoctorRoute(route, ok: ok, detail, advice: advice)
        }
    }

    private static func roomForCopies() -> String {
        let room = max(0, MemoryHeadroom.bytes())
        return "memory has room for \(ByteSize(bytes: room)) of copies now (--stage-limit)"
    }
}
