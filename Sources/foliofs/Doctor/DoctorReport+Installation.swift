import FolioCapability
import FolioConfiguration
import FolioFS
import FolioPolicy
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// What of FolioFS itself is on this machine, and what it is told.
extension DoctorReport {
    /// libfuse's version: what FuseServer asks of it is there from 3.12 on.
    static func library(_ version: String) -> DoctorCheck {
        let parts = version.split(separator: ".").compactMap { Int($0) }
        let isNewEnough = parts.count >= 2 && (parts[0], parts[1]) >= (3, 12)
        return DoctorCheck(
            "fuse.library", ok: isNewEnough, "libfuse \(version)",
            advice: "install libfuse 3.12 or later: apt-get install libfuse3-3")
    }

    /// Whether the kernel's configuration is known, and which options that matter are off.
    static func configuration(_ kernel: KernelFacts, release: String) -> DoctorCheck {
        let known = FactReader.optionsThatMatter.filter { kernel.config[$0] != nil }
        guard known.count == FactReader.optionsThatMatter.count else {
            let missing = FactReader.optionsThatMatter.filter { kernel.config[$0] == nil }
            return DoctorCheck(
                "kernel.config", ok: false, "not known: \(missing.map { "CONFIG_" + $0 }.joined(separator: " "))",
                advice: "put the configuration at /boot/config-\(release), or modprobe configs on a kernel with "
                    + "CONFIG_IKCONFIG_PROC; --kernel-config NAME=y tells one option")
        }
        let on = known.filter { kernel.config[$0] == true }.map { "CONFIG_" + $0 }
        return DoctorCheck("kernel.config", ok: true, "known; on: \(on.joined(separator: " "))")
    }

    /// Whether mount(8) finds its helper, which fstab needs.
    static func helper(in folders: [String] = ["/sbin", "/usr/sbin", "/usr/local/sbin"]) -> DoctorCheck {
        let path = folders.map { $0 + "/mount.fuse.foliofs" }.first { access($0, X_OK) == 0 }
        // Those are where mount(8) looks, whatever PATH says (util-linux, FS_SEARCH_PATH), but for the last.
        let isFound = path.map { !$0.hasPrefix("/usr/local") } ?? false
        return DoctorCheck(
            "mount.helper", ok: isFound,
            path.map { $0 + (isFound ? " is there" : " is not where mount(8) looks") }
                ?? "no /sbin/mount.fuse.foliofs: neither fstab nor mount -t fuse.foliofs work",
            advice: "install the package, or run make install")
    }

    /// Whether the standard configuration file, where it is there, is right.
    static func settingsFile() -> DoctorCheck {
        let path = ConfigurationFile.standard
        let isThere = path.withPlatformString { access($0, F_OK) } == 0
        do throws(ConfigurationError) {
            _ = try ConfigurationFile.load(nil)
            return DoctorCheck(
                "config.file", ok: true, isThere ? "\(path) is right" : "no \(path): the built-in rules hold")
        } catch {
            let first = error.description.split(separator: "\n").first.map(String.init) ?? ""
            return DoctorCheck("config.file", ok: false, first, advice: "foliofs config check \(path) says all of it")
        }
    }

    /// Whether the plugins that are found can be read.
    static func manifests(_ failure: ManifestError?) -> DoctorCheck {
        DoctorCheck(
            "plugins", ok: failure == nil, failure?.description ?? "all that are found are right",
            advice: "foliofs plugin validate DIRECTORY says all of it; only the built-in ones are used here")
    }

    /// Whether memory has room for copies, also within control groups.
    static func memory() -> DoctorCheck {
        let room = MemoryHeadroom.bytes()
        return DoctorCheck(
            "limit.memory", ok: room > 64 << 20,
            room > 0 ? "\(ByteSize(bytes: room)) may be taken before memory is short" : "memory is short",
            advice:
                "raise the limit of the control group (MemoryMax= of the unit, --memory of the container), or end something"
        )
    }
}
