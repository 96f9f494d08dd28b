/// Whatever a configuration file says, it is taken, or refused with what is wrong; what is taken can be written as a file that says the same.
///
/// An input is the text of a file.
@c(LLVMFuzzerTestOneInput)
public func fuzzConfigurations(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    let nobody = People(users: [:], groups: [:])
    do throws(ConfigurationError) {
        _ = try Configuration.parse(text, file: "foliofs.conf", people: nobody)
    } catch {
        guard !error.problems.isEmpty else { fatalError("refused, and nothing is wrong with it") }
    }
    return 0
}
