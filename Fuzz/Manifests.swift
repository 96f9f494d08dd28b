import FolioPolicy

/// The plugins that are built in, read once.
private let registry = try? CapabilityRegistry()

/// Whatever a manifest, a question, a file of facts or a native plugin says, it is taken, or refused with a place in it; a
/// question that is taken has an answer.
///
/// An input is given to every parser of FolioCapability.
@c(LLVMFuzzerTestOneInput)
public func fuzzManifests(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count
    do throws(ManifestError) {
        _ = try Manifest.parse(text, file: "capability.toml")
    } catch {
        guard error.line <= lines + 1 else { fatalError("\(error.description) is beyond the end") }
    }
    if let registry, let document = try? QueryDocument.parse(bytes: bytes, operation: .collapse) {
        let decision = decide(document.query(registry: registry))
        guard !decision.rules.isEmpty else { fatalError("no rule was asked of \(text)") }
    }
    if let fields = NativeFrame.decode(bytes) {
        guard fields.reduce(0, { $0 + $1.count + 4 }) == bytes.count else {
            fatalError("the frame has other bytes than its fields")
        }
        if let answer = try? NativeAnswer(fields), answer.orders != .abstain, answer.source.isEmpty {
            fatalError("an answer without a source was taken")
        }
    }
    return 0
}
