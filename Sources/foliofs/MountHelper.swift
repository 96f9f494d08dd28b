/// The command line of a mount(8) helper, `mount.fuse.foliofs SOURCE MOUNTPOINT [-sfnv] [-o OPTIONS] [-t TYPE]`.
///
/// Source: mount(8), "EXTERNAL HELPERS".
enum MountHelper {
    /// Whether a program called so is the helper.
    static func isHelper(_ program: String) -> Bool {
        // mount(8) looks for the helper of a type with a subtype by its whole name, `-t fuse.foliofs`.
        ["mount.foliofs", "mount.fuse.foliofs"].contains(program.split(separator: "/").last ?? "")
    }

    /// The arguments of `foliofs` that do the same; nil: `-f` asks for nothing to be done.
    ///
    /// `-n` (no mtab), `-s` (sloppy) and `-v` say nothing to foliofs; `-t` names the type, which is known; several `-o`
    /// are one list.
    /// - Throws: `CommandFailure` of usage.
    static func translate(_ arguments: [String]) throws(CommandFailure) -> [String]? {
        var places: [String] = []
        var options: [String] = []
        var fake = false
        var rest = arguments[...]
        var onlyPlaces = false
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-"), argument != "-", !onlyPlaces else {
                places.append(argument)
                continue
            }
            if argument == "--" {
                onlyPlaces = true
                continue
            }
            var letters = argument.dropFirst()
            while let letter = letters.popFirst() {
                switch letter {
                case "n", "s", "v": break
                case "f": fake = true
                case "o", "t", "N":
                    guard let value = letters.isEmpty ? rest.popFirst() : String(letters) else {
                        throw CommandFailure("-\(letter) needs a value", code: .usage)
                    }
                    if letter == "o" { options.append(value) }
                    letters = ""
                default:
                    throw CommandFailure("a mount helper has no option -\(letter); see mount(8)", code: .usage)
                }
            }
        }
        guard places.count == 2 else {
            throw CommandFailure("a mount helper needs SOURCE and MOUNTPOINT, and got \(places.count)", code: .usage)
        }
        if fake { return nil }
        let list = options.joined(separator: ",")
        return ["mount"] + (list.isEmpty ? [] : ["-o", list]) + ["--"] + places
    }
}
