import Glibc

/// A kernel that can be booted under qemu, made by `make kernels`.
struct GuestKernel: Sendable {
    /// SERIES[-rothp|-norothp][-filesystems][-faults], as guest/build-kernels has it.
    let name: String
    /// The bzImage.
    let image: String

    /// Those that `make kernels` builds and scenarios are played on.
    static let names = ["6.1-rothp", "6.12-rothp", "6.12-norothp", "7.3", "7.3-filesystems"]

    /// Where kernels are: $FOLIOFS_KERNELS, or foliofs/kernels in the cache directory.
    static var directory: String {
        let environment = ChildProcess.environment
        if let given = environment["FOLIOFS_KERNELS"], !given.isEmpty { return given }
        return (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/root") + "/.cache") + "/foliofs/kernels"
    }

    /// Every kernel that is there, those of other names too, in the order of their names; but none with more filesystems, or whose
    /// allocations can be made to fail, which is the same as one without that.
    static func all() throws -> [GuestKernel] {
        try bash(
            "ls \"$D\" 2>/dev/null | grep -o '^bzImage-.*' | grep -v -e '-faults$' -e '-filesystems' | sort -V",
            environment: ["D": directory]
        ).lines.map {
            GuestKernel(name: String($0.dropFirst("bzImage-".count)), image: directory + "/" + $0)
        }
    }

    /// The first of `names` that is there.
    /// - Throws: `Skip` where none is.
    static func find(_ names: [String]) throws -> GuestKernel {
        for name in names {
            let image = directory + "/bzImage-" + name
            if access(image, R_OK) == 0 { return GuestKernel(name: name, image: image) }
        }
        throw Skip(
            "no bzImage-\(names.joined(separator: ", bzImage-")) in \(directory); make kernels KERNELS=\(names[0]) "
                + "builds it (15 minutes), FOLIOFS_KERNELS=DIR says where kernels are")
    }

    /// Options of foliofs that say what this kernel was built with. The name says it, because not every image has
    /// /proc/config.gz, and one of 7.2 and later has no such option.
    var configuration: String {
        if name.contains("-norothp") { return "--kernel-config READ_ONLY_THP_FOR_FS=n" }
        return name.contains("-rothp") ? "--kernel-config READ_ONLY_THP_FOR_FS=y" : ""
    }
}
