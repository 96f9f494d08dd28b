import FolioPolicy

/// Whatever a configuration file says, it is taken, or refused with what is wrong; what is taken can be written as a file that says the same.
///
/// An input is the text of a file.
@c(LLVMFuzzerTestOneInput)
public func fuzzConfigurations(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    let nobody = People(users: [:], groups: [:])
    let read: Configuration
    do throws(ConfigurationError) {
        read = try Configuration.parse(text, file: "foliofs.conf", people: nobody)
    } catch {
        guard !error.problems.isEmpty else { fatalError("refused, and nothing is wrong with it") }
        return 0
    }
    do throws(ConfigurationError) {
        let again = try Configuration.parse(read.text, file: "again", people: nobody)
        guard again.settingsThatDiffer(from: read).isEmpty, again.stageSyncLimit == read.stageSyncLimit,
            said(again.rules) == said(RouteRules(read.rules).rules)
        else { fatalError("written, it says something else:\n\(read.text)") }
    } catch {
        fatalError("written, it is refused: \(error)\n\(read.text)")
    }
    return 0
}

/// Rules as a file has them, without the comments that say where they were.
private func said(_ rules: [RouteRule]) -> [String] {
    rules.flatMap { $0.configurationLines.filter { !$0.hasPrefix("#") } }
}
