package import SystemPackage

/// The configuration the running kernel was built with.
package enum KernelConfig {
    /// Options by name without `CONFIG_`, from the text of a .config: y, m and 1 are true; n, 0 and "is not set" false;
    /// what has another value (a text, a larger number) is left out.
    ///
    /// A number counts because CONFIG_BASE_SMALL was 0 or 1 up to 6.9 (init/Kconfig).
    package static func parse(_ text: String) -> [String: Bool] {
        var options: [String: Bool] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("# CONFIG_"), line.hasSuffix(" is not set") {
                options[String(line.dropFirst(9).dropLast(11))] = false
            } else if line.hasPrefix("CONFIG_"), let equals = line.firstIndex(of: "=") {
                let name = String(line[line.index(line.startIndex, offsetBy: 7)..<equals])
                switch line[line.index(after: equals)...] {
                case "y", "m", "1": options[name] = true
                case "n", "0": options[name] = false
                default: break
                }
            }
        }
        return options
    }

    /// The running kernel's options and the file they were read from; nil: none can be read.
    ///
    /// /proc/config.gz is the running kernel's own (CONFIG_IKCONFIG_PROC); a file of `release` beside the kernel image
    /// or the modules comes after it.
    package static func read(release: String) -> (options: [String: Bool], origin: FilePath)? {
        let own: FilePath = "/proc/config.gz"
        if let packed = try? TextFile.bytes(own), let plain = Gzip.expand(packed) {
            return (parse(String(decoding: plain, as: UTF8.self)), own)
        }
        let others = [
            "/boot/config-" + release, "/lib/modules/" + release + "/config",
            "/lib/modules/" + release + "/build/.config", "/usr/lib/kernel/config-" + release,
        ]
        for path in others.map({ FilePath($0) }) {
            if let text = try? TextFile.read(path) { return (parse(text), path) }
        }
        return nil
    }
}
