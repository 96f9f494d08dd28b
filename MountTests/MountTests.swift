import Glibc

/// Real mounts, real mappings, real kills. One process for each case, so that none can spoil another.
@main
struct MountTests {
    /// Every case there is, family by family.
    static let cases: [TestCase] =
        guestCases + guestRouteCases + hugePageCases + firstTouchCases + promotionCases + mannersCases + familyCases
        + lockVisibilityCases
        + limitCases + coherenceCases + watchCases
        + lifecycleCases + configurationSignalCases
        + commandCases + workloadCases + verifyCases + exampleCases + crashCases + privilegeCases + unprivilegedCases
        + sourceErrorCases + drainingCases + escapeCases + probeCases + manyInodeCases + sourceWithoutHandlesCases
        + innerMountCases + directoryPositionCases + pluginCases + nativePluginCases + fusePluginCases
        + hugetlbfsCases + explainProcessCases + twinCases + workerPlaceCases + mapCases
        + conditionCases + configurationCases + alignedExecCases + runCases + scanCases + textTableCases
        + stagingCases + stagingStepCases + promotionStepCases + stressCases + raceCases + rollbackCases + recoveryCases
        + serviceCases + fstabCases + reportedAttributeCases + documentCases + monitoringCases + storyCases

    static func main() {
        do {
            exit(try start(Array(CommandLine.arguments.dropFirst())))
        } catch let failure as Failure {
            print("foliofs-mount-tests: \(failure.reason)")
        } catch {
            print("foliofs-mount-tests: \(error)")
        }
        exit(1)
    }

    private static func start(_ arguments: [String]) throws -> Int32 {
        var options: [String: String] = [:]
        var filter: String?
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--binaries", "--tools", "--work", "--one", "--directory", "--matrix", "--kernel":
                options[word] = rest.popFirst()
            case "--list":
                for test in cases { print(test.name) }
                return 0
            default:
                guard !word.hasPrefix("-"), filter == nil else {
                    print("usage: foliofs-mount-tests --binaries DIR --tools DIR [--work DIR] [--list] [FILTER]")
                    return 2
                }
                filter = word
            }
        }
        guard let binaries = options["--binaries"], let tools = options["--tools"] else {
            print("usage: foliofs-mount-tests --binaries DIR --tools DIR [--work DIR] [--list] [FILTER]")
            return 2
        }
        if let name = options["--one"], let directory = options["--directory"] {
            return runOne(name, Workbench(binaries: binaries, tools: tools, directory: directory))
        }
        if let directory = options["--matrix"] {
            let matrix = Matrix(binaries: binaries, tools: tools, directory: directory)
            if let kernel = options["--kernel"] {
                try matrix.play(kernel)
                return 0
            }
            return try matrix.run(filter?.split(separator: " ").map(String.init))
        }
        guard geteuid() == 0, exists("/dev/fuse") else {
            print("foliofs-mount-tests: needs root and /dev/fuse; run: sudo make test-mount")
            return 4
        }
        let chosen = cases.filter { filter.map($0.name.contains) ?? true }
        guard !chosen.isEmpty else { throw Failure("no case has \"\(filter ?? "")\" in its name") }
        // Without symbolic links, as the mount table names it.
        let base = resolved(options["--work"] ?? ChildProcess.environment["TMPDIR"] ?? binaries)
        // Process ids are those of a namespace, in which another run may have the same.
        let work = try require(
            "W=$(mktemp -d \"$B/mount-tests-XXXXXX\") && chmod 755 \"$W\" && echo \"$W\"", environment: ["B": base]
        ).trimmed
        let strict = ["1", "yes"].contains(ChildProcess.environment["STRICT"] ?? "")
        let failed = try Runner(binaries: binaries, tools: tools, work: work, strict: strict).run(chosen)
        _ = try bash(
            failed == 0 ? "rm -rf --one-file-system \"$W\"" : "rmdir --ignore-fail-on-non-empty \"$W\"",
            environment: ["W": work])
        return failed == 0 ? 0 : 1
    }

    /// Runs one case in this process and leaves its verdict beside its directory.
    private static func runOne(_ name: String, _ bench: Workbench) -> Int32 {
        guard let test = cases.first(where: { $0.name == name }) else { return 2 }
        var verdict = "ok\n"
        do {
            try test.body(bench)
            verdict += notes.joined(separator: "; ")
        } catch let failure as Failure {
            verdict = "failed\n" + failure.reason
        } catch let skip as Skip {
            verdict = "skipped\n" + skip.reason
        } catch {
            verdict = "failed\n\(error)"
        }
        let file = open(bench.directory + ".result", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { return 1 }
        let bytes = Array(verdict.utf8)
        _ = write(file, bytes, bytes.count)
        close(file)
        return 0
    }
}

/// The path without symbolic links; as it is where it leads nowhere.
private func resolved(_ path: String) -> String {
    guard let found = realpath(path, nil) else { return path }
    defer { free(found) }
    return String(cString: found)
}
