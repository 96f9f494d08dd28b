public import CFolioPlugin

/// Makes the C struct of a plugin that is written in Swift.
public enum PluginTable {
    /// The struct, which stays for as long as the process: a plugin is never unloaded.
    ///
    /// - Parameter hostABI: what the host gave to folio_plugin_entry.
    /// - Returns: nil where the host speaks another major version.
    public static func make(_ plugin: some CapabilityPlugin, hostABI: UInt32) -> UnsafePointer<folio_plugin>? {
        guard hostABI >> 16 == UInt32(FOLIO_PLUGIN_ABI_MAJOR) else { return nil }
        let box = Box { raw, answer in plugin.answer(CapabilityQuestion(raw)).fill(answer) ? 0 : 1 }
        let table = UnsafeMutablePointer<folio_plugin>.allocate(capacity: 1)
        table.initialize(
            to: folio_plugin(
                size: UInt32(MemoryLayout<folio_plugin>.size), abi: UInt32(FOLIO_PLUGIN_ABI), name: text(plugin.name),
                version: text(plugin.version), context: Unmanaged.passRetained(box).toOpaque(),
                answer: { context, question, answer in
                    guard let context, let question, let answer else { return 1 }
                    return Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().call(question.pointee, answer)
                }))
        return UnsafePointer(table)
    }

    private final class Box {
        let call: (folio_plugin_question, UnsafeMutablePointer<folio_plugin_answer>) -> Int32

        init(_ call: @escaping (folio_plugin_question, UnsafeMutablePointer<folio_plugin_answer>) -> Int32) {
            self.call = call
        }
    }

    /// A copy of a text that stays.
    private static func text(_ text: String) -> UnsafePointer<CChar> {
        let bytes = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { copy[index] = byte }
        return UnsafePointer(copy)
    }
}
