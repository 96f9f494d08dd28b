package import CFolioPlugin
import CLinuxShims
import Glibc
import SystemPackage

/// The other side: `foliofs plugin-host LIBRARY`, the process a native plugin lives in.
package enum NativeHost {
    /// What folio_plugin_entry is.
    package typealias Entry = @convention(c) (UInt32) -> UnsafePointer<folio_plugin>?

    private static let layerSize = 4096
    private static let textSize = 512
    /// Bytes of address space, descriptors, bytes that may be written to a file.
    private static let limits: (UInt64, UInt64, UInt64) = (4 << 30, 64, 0)

    /// Answers on descriptor 3 until that is closed.
    ///
    /// - Parameters:
    ///   - location: a library's path, or `builtin:NAME`.
    ///   - builtIn: the entry of a plugin that is part of this program.
    /// - Returns: the exit status.
    package static func run(_ location: String, builtIn: (String) -> Entry?) -> Int32 {
        guard folio_give_up_capabilities() == 0 else { return refuse("cannot give up its capabilities") }
        guard folio_limit_resources(limits.0, limits.1, limits.2) == 0 else { return refuse("cannot be limited") }
        let entry: Entry
        if location.hasPrefix("builtin:") {
            guard let found = builtIn(String(location.dropFirst("builtin:".count))) else {
                return refuse("there is no plugin \(location)")
            }
            entry = found
        } else {
            // Never closed: a Swift library that goes leaves its types behind in the runtime's tables.
            guard let library = dlopen(location, RTLD_NOW | RTLD_LOCAL) else {
                return refuse("cannot be loaded: \(String(cString: dlerror()))")
            }
            guard let symbol = dlsym(library, "folio_plugin_entry") else {
                return refuse("exports no folio_plugin_entry")
            }
            entry = unsafeBitCast(symbol, to: Entry.self)
        }
        let host = UInt32(FOLIO_PLUGIN_ABI)
        guard let table = entry(host) else { return refuse("does not speak ABI \(version(host))") }
        guard table.pointee.abi >> 16 == host >> 16 else {
            return refuse("is for ABI \(version(table.pointee.abi)), this program speaks \(version(host))")
        }
        guard Int(table.pointee.size) >= MemoryLayout<folio_plugin>.size, let answer = table.pointee.answer else {
            return refuse("its struct folio_plugin has \(table.pointee.size) bytes, too few, or no function")
        }
        guard send([bytes("hello"), text(table.pointee.name), text(table.pointee.version)]) else { return 1 }
        while let fields = receive() {
            guard let reply = call(answer, table.pointee.context, fields), send(reply) else { return 1 }
        }
        return 0
    }

    private typealias Answer =
        @convention(c) (
            UnsafeMutableRawPointer?, UnsafePointer<folio_plugin_question>?, UnsafeMutablePointer<folio_plugin_answer>?
        ) -> Int32

    /// Hands one question over, and gives the answer as fields.
    private static func call(
        _ function: Answer, _ context: UnsafeMutableRawPointer?, _ fields: [[UInt8]]
    ) -> [[UInt8]]? {
        let numbers = fields.prefix(8).compactMap { UInt32(String(decoding: $0, as: UTF8.self)) }
        guard fields.count >= 10, numbers.count == 8 else { return nil }
        // A copy with a NUL at its end each.
        let texts = fields[8...].map { field in strdup(field.map { CChar(bitPattern: $0) } + [0]) }
        defer { for text in texts { free(text) } }
        let options = texts.dropFirst(2).map { $0.map { UnsafePointer<CChar>($0) } } + [nil]
        var layer = [CChar](repeating: 0, count: layerSize)
        var source = [CChar](repeating: 0, count: textSize)
        var missing = [CChar](repeating: 0, count: textSize)
        var filesystem = [CChar](repeating: 0, count: textSize)
        var answer = folio_plugin_answer()
        let status = options.withUnsafeBufferPointer { options in
            layer.withUnsafeMutableBufferPointer { layer in
                source.withUnsafeMutableBufferPointer { source in
                    missing.withUnsafeMutableBufferPointer { missing in
                        filesystem.withUnsafeMutableBufferPointer { filesystem in
                            let question = folio_plugin_question(
                                size: UInt32(MemoryLayout<folio_plugin_question>.size), kernel_major: numbers[0],
                                kernel_minor: numbers[1], kernel_patch: numbers[2], page_size: numbers[3],
                                pmd_order: numbers[4], maximum_order: numbers[5], block_size: numbers[6],
                                path: texts[0], filesystem: texts[1],
                                mount_options: numbers[7] == 0 ? nil : options.baseAddress)
                            answer.size = UInt32(MemoryLayout<folio_plugin_answer>.size)
                            (answer.layer, answer.layer_size) = (layer.baseAddress, UInt32(layer.count))
                            (answer.source, answer.source_size) = (source.baseAddress, UInt32(source.count))
                            (answer.missing, answer.missing_size) = (missing.baseAddress, UInt32(missing.count))
                            answer.filesystem = filesystem.baseAddress
                            answer.filesystem_size = UInt32(filesystem.count)
                            return withUnsafePointer(to: question) { function(context, $0, &answer) }
                        }
                    }
                }
            }
        }
        let words: [UInt32] = [
            answer.kind, answer.minimum_order, answer.maximum_order, answer.large_folio_writes,
            answer.passthrough_backing, answer.aligns_mappings, answer.writes,
        ]
        return [bytes(String(status))] + words.map { bytes(String($0)) }
            + [text(layer), text(source), text(missing), text(filesystem)]
    }

    // MARK: Frames

    private static func refuse(_ cause: String) -> Int32 {
        _ = send([bytes("refused"), bytes(cause)])
        return 1
    }

    private static func send(_ fields: [[UInt8]]) -> Bool {
        let frame = NativeFrame.encode(fields)
        var sent = 0
        while sent < frame.count {
            let count = frame[sent...].withUnsafeBytes {
                Glibc.send(NativeProcess.channelDescriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 || errno == EINTR else { return false }
            sent += max(0, count)
        }
        return true
    }

    private static func receive() -> [[UInt8]]? {
        guard let head = receive(4) else { return nil }
        let length = NativeFrame.number(head)
        guard length <= NativeFrame.limit, let body = receive(length) else { return nil }
        return NativeFrame.decode(body)
    }

    private static func receive(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < count {
            let got = read(NativeProcess.channelDescriptor, &buffer, min(buffer.count, count - bytes.count))
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { return nil }
            bytes += buffer[..<got]
        }
        return bytes
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A text up to its NUL; all of a buffer without one, which its reader refuses.
    private static func text(_ buffer: [CChar]) -> [UInt8] {
        let end = buffer.firstIndex(of: 0)
        return buffer[..<(end ?? buffer.endIndex)].map { UInt8(bitPattern: $0) } + (end == nil ? [0] : [])
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> [UInt8] {
        guard let pointer else { return bytes("unnamed") }
        return (0..<strnlen(pointer, 256)).map { UInt8(bitPattern: pointer[$0]) }
    }

    private static func version(_ abi: UInt32) -> String { "\(abi >> 16).\(abi & 0xffff)" }
}
