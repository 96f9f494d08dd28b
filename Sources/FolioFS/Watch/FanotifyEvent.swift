import CLinuxShims
import Glibc

/// One record of fanotify(7), read where it lies: valid as long as the buffer it was decoded from.
struct FanotifyEvent {
    /// A file as fanotify names it: by its filesystem and its handle there (name_to_handle_at(2)).
    struct File {
        /// f_fsid of statfs(2), its first word low.
        let fsid: UInt64
        let type: Int32
        let bytes: UnsafeRawBufferPointer
    }

    /// FAN_* bits; several where the kernel merged records of one file.
    let mask: UInt64
    /// The process that made the change, as this process's namespace numbers it; 0: from outside of it.
    let process: Int32
    /// What changed; nil: its name was all there was left.
    let file: File?
    /// The directory that holds it, or held it.
    let directory: File?
    /// Its name there, without NUL; "." and nothing are no names.
    let name: UnsafeRawBufferPointer?

    /// Whether the kernel dropped records because its queue was full.
    var isOverflow: Bool { mask & UInt64(FOLIO_FAN_Q_OVERFLOW) != 0 }
    /// Whether a name came, went, or leads elsewhere.
    var changesNames: Bool { mask & Self.names != 0 }
    /// Whether the file is gone: its last name has been removed, and nobody has it open.
    var isOfRemovedFile: Bool { mask & UInt64(FOLIO_FAN_DELETE_SELF) != 0 }
    /// Whether bytes may have changed.
    var changesContent: Bool { mask & Self.content != 0 }

    private static let names = UInt64(
        FOLIO_FAN_CREATE | FOLIO_FAN_DELETE | FOLIO_FAN_MOVED_FROM | FOLIO_FAN_MOVED_TO)
    private static let content = UInt64(FOLIO_FAN_MODIFY | FOLIO_FAN_CLOSE_WRITE)
}

/// The records in what read(2) of a fanotify group returned.
struct FanotifyRecords: Sequence, IteratorProtocol {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    /// The next record; nil at the end, and at what is no record.
    mutating func next() -> FanotifyEvent? {
        let size = MemoryLayout<folio_fanotify_event>.size
        guard rest.count >= size else { return nil }
        let header = rest.loadUnaligned(as: folio_fanotify_event.self)
        let length = Int(header.length)
        let start = Int(header.metadata_length)
        guard length >= size, length <= rest.count, start >= size, start <= length else { return nil }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[length...]) }
        return Self.event(header, UnsafeRawBufferPointer(rebasing: rest[start..<length]))
    }

    private static func event(_ header: folio_fanotify_event, _ information: UnsafeRawBufferPointer) -> FanotifyEvent {
        var file: FanotifyEvent.File?
        var directory: FanotifyEvent.File?
        var name: UnsafeRawBufferPointer?
        var rest = information
        let size = MemoryLayout<folio_fanotify_info>.size
        while rest.count >= size {
            let info = rest.loadUnaligned(as: folio_fanotify_info.self)
            let length = Int(info.length)
            let end = size + Int(info.handle_size)
            guard length >= size, length <= rest.count else { break }
            if end <= length {
                let found = FanotifyEvent.File(
                    fsid: UInt64(info.fsid.0) | UInt64(info.fsid.1) << 32, type: info.handle_type,
                    bytes: UnsafeRawBufferPointer(rebasing: rest[size..<end]))
                switch Int(info.kind) {
                case FOLIO_FAN_INFO_FID: file = found
                case FOLIO_FAN_INFO_DIRECTORY: directory = found
                case FOLIO_FAN_INFO_DIRECTORY_NAME:
                    directory = found
                    name = text(UnsafeRawBufferPointer(rebasing: rest[end..<length]))
                default: break
                }
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        }
        // What happens to a directory itself is told as "." in it.
        if file == nil, let self = directory, name == nil { file = self }
        return FanotifyEvent(mask: header.mask, process: header.process, file: file, directory: directory, name: name)
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let length = bytes.firstIndex(of: 0) ?? bytes.count
        if length == 0 || length == 1 && bytes[0] == UInt8(ascii: ".") { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[..<length])
    }
}
