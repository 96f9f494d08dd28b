import CFuse3
import Glibc
import SystemPackage

/// What the kernel could send, well-formed or not, is answered exactly once, and reading it touches nothing beyond it.
///
/// Each input is one request without its header's length and unique, which are put right, then cut or extended as the first
/// byte says.
@c(LLVMFuzzerTestOneInput)
public func fuzzRequest(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let server = FuzzedServer.shared
    let input = UnsafeBufferPointer(start: data, count: count)
    guard let first = input.first, count < 1 << 16 else { return 0 }
    var request = [UInt8](repeating: 0, count: RawRequest.headerSize)
    for (index, byte) in input.dropFirst().prefix(request.count).enumerated() { request[index] = byte }
    request += input.dropFirst(1 + request.count)
    server.unique += 1
    let unique = server.unique
    request.withUnsafeMutableBytes { bytes in
        // Most opcodes are there.
        bytes.storeBytes(of: UInt32(bytes[4]) % 60, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: UInt32(bytes.count) &+ (first == 1 ? 8 : 0), toByteOffset: 0, as: UInt32.self)
        bytes.storeBytes(of: unique, toByteOffset: 8, as: UInt64.self)
        if first & 2 == 0 { bytes.storeBytes(of: 0, toByteOffset: 36, as: UInt16.self) }
    }
    let opcode = UInt32(request[4])
    // A heap block of exactly that size, so that the sanitizer sees what is read beyond it.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: request.count, alignment: 8)
    memory.copyBytes(from: request)
    server.loop.handle(memory)
    memory.deallocate()
    let answers = server.answers(to: unique)
    // FORGET, BATCH_FORGET, INTERRUPT and NOTIFY_REPLY want no answer; malformed ones get one.
    let wantsNone: Set<UInt32> = [2, 36, 41, 42]
    guard answers == 1 || answers == 0 && wantsNone.contains(opcode) else {
        fatalError("\(answers) answers to a request of operation \(opcode)")
    }
    return 0
}

/// A session that is not mounted: its device is one end of a socket pair, on which each answer is one datagram.
final class FuzzedServer: @unchecked Sendable {
    static let shared = FuzzedServer()

    let loop: RequestLoop
    var unique: UInt64 = 100
    private let answers: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 17)

    private init() {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &ends) == 0 else { fatalError("no socket pair") }
        answers = ends[1]
        _ = fcntl(answers, F_SETFL, O_NONBLOCK)
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        let options = SessionOptions(
            source: "fuzz", type: "fuzz", wanted: Capabilities(rawValue: .max), maximumWrite: 1 << 16)
        let context = SessionContext(filesystem: FuzzedFilesystem(), options: options)
        var table = operations()
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("fuzz")]
        let made = words.withUnsafeMutableBufferPointer { words in
            var arguments = fuse_args(argc: 1, argv: words.baseAddress, allocated: 0)
            return fuse_session_new(
                &arguments, &table, MemoryLayout<fuse_lowlevel_ops>.size, Unmanaged.passRetained(context).toOpaque())
        }
        guard let session = made else { fatalError("no session") }
        var calls = fuse_custom_io()
        calls.read = { descriptor, buffer, size, _ in read(descriptor, buffer, size) }
        calls.writev = { descriptor, vector, count, _ in
            // The kernel would take any size; a datagram does not.
            let size = (0..<Int(count)).reduce(0) { $0 + (vector?[$1].iov_len ?? 0) }
            let sent = writev(descriptor, vector, min(count, size > 100_000 ? 1 : count))
            return sent < 0 ? sent : size
        }
        fuse_session_custom_io(session, &calls, ends[0])
        loop = RequestLoop(
            session, context, device: fuse_session_fd(session), options: options, end: EndOfService(),
            inFlight: AnswersInFlight(), times: RequestTimes())
        var first = [UInt8](repeating: 0, count: RawRequest.headerSize + 64)
        first.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: UInt32(bytes.count), toByteOffset: 0, as: UInt32.self)
            bytes.storeBytes(of: UInt32(FOLIO_FUSE_INIT), toByteOffset: 4, as: UInt32.self)
            bytes.storeBytes(
                of: folio_fuse_init_in(
                    major: 7, minor: 45, max_readahead: 1 << 17, flags: UInt32.max & ~(1 << 31), flags2: 0xff),
                toByteOffset: RawRequest.headerSize, as: folio_fuse_init_in.self)
            if let request = RawRequest(bytes) { context.notice(request) }
            loop.handle(bytes)
        }
        _ = answers(to: 0)
    }

    /// Takes what has been answered, and counts the answers to one request.
    func answers(to unique: UInt64) -> Int {
        var found = 0
        while case let count = recv(answers, &buffer, buffer.count, 0), count >= 0 {
            guard count >= 16 else { fatalError("an answer of \(count) bytes") }
            let header = buffer.withUnsafeBytes { $0.loadUnaligned(as: folio_fuse_out_header.self) }
            if header.unique == unique { found += 1 }
        }
        return found
    }
}

/// Answers everything at once, and reads all that it is given.
final class FuzzedFilesystem: Filesystem {
    private func entry() -> Entry {
        Entry(node: NodeID(rawValue: 2), attributes: Attributes(stat(), timeout: 1), timeout: 1)
    }
    private func read(_ name: EntryName) throws(Errno) { if name.bytes.first == 0x21 { throw .noSuchFileOrDirectory } }
    private func read(_ caller: Caller) { _ = caller.directoryGroup }

    func lookup(_ request: LookupRequest) throws(Errno) -> Entry {
        try read(request.name)
        return entry()
    }
    func getAttributes(_ request: GetAttributesRequest) throws(Errno) -> Attributes { Attributes(stat(), timeout: 1) }
    func getExtendedStatus(_ request: GetAttributesRequest) throws(Errno) -> ExtendedStatus {
        ExtendedStatus(Attributes(stat(), timeout: 1), birth: nil)
    }
    func setAttributes(_ request: SetAttributesRequest) throws(Errno) -> Attributes { request.values }
    func readLink(_ request: ReadLinkRequest) throws(Errno) -> [UInt8] { [65] }
    func makeNode(_ request: MakeNodeRequest) throws(Errno) -> Entry {
        try read(request.name)
        read(request.caller)
        return entry()
    }
    func makeDirectory(_ request: MakeDirectoryRequest) throws(Errno) -> Entry {
        try read(request.name)
        read(request.caller)
        return entry()
    }
    func unlink(_ request: RemoveRequest) throws(Errno) { try read(request.name) }
    func removeDirectory(_ request: RemoveRequest) throws(Errno) { try read(request.name) }
    func makeSymbolicLink(_ request: SymbolicLinkRequest) throws(Errno) -> Entry {
        try read(request.name)
        try read(request.target)
        return entry()
    }
    func rename(_ request: RenameRequest) throws(Errno) {
        try read(request.name)
        try read(request.newName)
    }
    func link(_ request: LinkRequest) throws(Errno) -> Entry {
        try read(request.newName)
        return entry()
    }
    func open(_ request: OpenRequest) throws(Errno) -> OpenReply { OpenReply(handle: HandleID(rawValue: 1)) }
    func create(_ request: CreateRequest) throws(Errno) -> (entry: Entry, open: OpenReply) {
        try read(request.name)
        read(request.caller)
        return (entry(), OpenReply(handle: HandleID(rawValue: 1)))
    }
    func createTemporary(_ request: TemporaryFileRequest) throws(Errno) -> (entry: Entry, open: OpenReply) {
        read(request.caller)
        return (entry(), OpenReply(handle: HandleID(rawValue: 1)))
    }
    func read(_ request: ReadRequest, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        let count = min(buffer.count, 1000)
        buffer.prefix(count).withMemoryRebound(to: UInt8.self) { $0.update(repeating: 7) }
        return count
    }
    func write(_ request: WriteRequest, _ data: UnsafeRawBufferPointer) throws(Errno) -> Int {
        guard data.reduce(0, { $0 &+ Int($1) }) != 1 else { throw .noSpace }
        return data.count
    }
    func flush(_ request: FlushRequest) throws(Errno) {}
    func synchronize(_ request: SynchronizeRequest) throws(Errno) {}
    func synchronizeFilesystem(_ request: SynchronizeFilesystemRequest) throws(Errno) {}
    func openDirectory(_ request: OpenRequest) throws(Errno) -> OpenReply { OpenReply(handle: HandleID(rawValue: 1)) }
    func readDirectory(_ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer) throws(Errno) {
        "name".withCString { _ = buffer.add(name: EntryName($0), inode: 1, type: 8, next: request.offset &+ 1) }
    }
    func readDirectoryPlus(_ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer) throws(Errno) {
        "name".withCString { _ = buffer.add(name: EntryName($0), entry: entry(), next: request.offset &+ 1) }
    }
    func statistics(_ request: StatisticsRequest) throws(Errno) -> FilesystemStatistics { statvfs() }
    func setExtendedAttribute(
        _ request: SetExtendedAttributeRequest, _ value: UnsafeRawBufferPointer
    ) throws(Errno) {
        try read(request.name)
        guard value.reduce(0, { $0 &+ Int($1) }) != 1 else { throw .noSpace }
    }
    func getExtendedAttribute(
        _ request: ExtendedAttributeRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int {
        try read(request.name)
        return min(buffer.count, 10)
    }
    func listExtendedAttributes(
        _ request: ListExtendedAttributesRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int { 0 }
    func removeExtendedAttribute(_ request: ExtendedAttributeRequest) throws(Errno) { try read(request.name) }
    func getLock(_ request: GetLockRequest) throws(Errno) -> Lock? { request.lock }
    func setLock(_ request: SetLockRequest, _ reply: consuming Reply) { reply.done() }
    func setFileLock(_ request: FileLockRequest, _ reply: consuming Reply) { reply.fail(.interrupted) }
    func allocate(_ request: AllocateRequest) throws(Errno) {}
    func copyRange(_ request: CopyRangeRequest) throws(Errno) -> Int { 1 }
    func seek(_ request: SeekRequest) throws(Errno) -> Int64 { request.offset }
    func control(
        _ request: ControlRequest, into output: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> (result: Int32, count: Int) {
        _ = request.input.reduce(0) { $0 &+ Int($1) }
        return (0, min(output.count, request.input.count))
    }
}
