/// What a guest prints, in parts.
enum GuestText {
    /// What was printed after each line `==== NAME`, by name.
    static func sections(_ text: String) -> [String: String] {
        var result: [String: String] = [:]
        var name = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("==== ") {
                name = String(line.dropFirst(5))
            } else {
                result[name, default: ""] += line + "\n"
            }
        }
        return result
    }
}
