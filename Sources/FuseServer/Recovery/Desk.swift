import CFuse3
import CLinuxShims
import Glibc

/// Where one worker has the request that it handles, in memory that outlives it: the request as the kernel wrote it, what was begun
/// of it, and what it is answered with.
///
/// The kernel copies a request here by one system call, which no signal breaks off; so what was read is never lost. A word changes
/// in a node's record together with the count of such changes here: both are noted first and, where the daemon ended
/// before the note was taken away, stored again.
struct Desk: @unchecked Sendable {
    static let size = 2 << 20
    private static let bufferOffset = 1 << 17
    static let bufferSize = size - bufferOffset

    private enum Field {
        static let phase = 0
        static let replySize = 8
        static let redoIsValid = 16
        static let redoPlace = 24
        static let redoValue = 32
        static let redoCounter = 40
        static let redoCount = 48
        static let grantCount = 56
        static let forgetCount = 64
        static let wasRefused = 72
        static let intent = 80
        static let answered = 160
        static let attempts = 168
        static let reply = 256
        static let grants = 4096
    }

    /// How far the worker is.
    enum Phase: UInt64 {
        case idle = 0
        case reading = 1
        case handling = 2
    }

    private static let replyCapacity = 512
    private static let grantCapacity = (bufferOffset - Field.grants) / 8

    let base: UnsafeMutableRawPointer

    init(_ base: UnsafeMutableRawPointer) { self.base = base }

    // MARK: This thread's

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// The desk of the calling thread; nil: it has none.
    @inline(__always)
    static var current: Desk? { pthread_getspecific(key).map { Desk($0) } }

    /// Makes it the calling thread's.
    func sit() { pthread_setspecific(Self.key, base) }

    static func leave() { pthread_setspecific(key, nil) }

    // MARK: A request

    /// Where the kernel writes a request.
    var buffer: UnsafeMutableRawPointer { base + Self.bufferOffset }

    /// Has the memory there into which a request is copied: a copy that meets a page which is not there yet fails where the process is
    /// being killed, and its request with it (Linux 6.18 fs/fuse/dev.c fuse_copy_fill(), read).
    ///
    /// - Parameter bytes: how large a request may be, at most `bufferSize`.
    func populate(_ bytes: Int = bufferSize) { _ = folio_populate(buffer, bytes) }

    var phase: Phase { Phase(rawValue: base.word(Field.phase)) ?? .idle }

    @inline(__always)
    func begins() {
        buffer.setWord(0, 0)
        buffer.setWord(8, 0)
        base.setWord(Field.phase, Phase.reading.rawValue)
    }

    @inline(__always)
    func received() { base.setWord(Field.phase, Phase.handling.rawValue) }

    /// The request is over: what was done of it stands.
    @inline(__always)
    func finish() {
        base.setWord(Field.phase, Phase.idle.rawValue)
        clear()
    }

    @inline(__always)
    private func clear() {
        base.setWord(Field.grantCount, 0)
        base.setWord(Field.forgetCount, 0)
        base.setWord(Field.replySize, 0)
        base.setWord(Field.wasRefused, 0)
        base.setWord(Field.intent, 0)
        base.setWord(Field.attempts, 0)
    }

    /// What was read; nil: nothing was.
    var request: RawRequest? {
        let size = Int(buffer.load(as: UInt32.self))
        guard phase != .idle, size >= RawRequest.headerSize, size <= Self.bufferSize else { return nil }
        return RawRequest(UnsafeMutableRawBufferPointer(start: buffer, count: size))
    }

    /// Puts a request here that was read elsewhere; what was begun of it before stays.
    func place(_ request: UnsafeRawBufferPointer) {
        buffer.copyMemory(from: request.baseAddress ?? UnsafeRawPointer(buffer), byteCount: request.count)
        received()
    }

    /// Requests answered from here.
    var answered: UInt64 { base.word(Field.answered) }

    /// What daemons that ended with this request at work count together.
    var attempts: UInt64 {
        get { base.word(Field.attempts) }
        nonmutating set { base.setWord(Field.attempts, newValue) }
    }

    // MARK: Its answer

    /// Leaves an answer here before it is given, where it is one of those that matter: of a few words.
    @inline(__always)
    func record(_ vector: UnsafePointer<iovec>, _ count: Int) {
        var size = 0
        for index in 0..<count { size += vector[index].iov_len }
        guard size <= Self.replyCapacity else { return }
        var place = base + Field.reply
        for index in 0..<count {
            guard let part = vector[index].iov_base else { continue }
            place.copyMemory(from: part, byteCount: vector[index].iov_len)
            place += vector[index].iov_len
        }
        base.setWord(Field.replySize, UInt64(size))
    }

    @inline(__always)
    func wasAnswered() { base.setWord(Field.answered, answered &+ 1) }

    /// The kernel did not take the answer: who asked is gone.
    var wasRefused: Bool {
        get { base.word(Field.wasRefused) != 0 }
        nonmutating set { base.setWord(Field.wasRefused, newValue ? 1 : 0) }
    }

    /// The answer that was left; empty: none.
    var reply: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base + Field.reply, count: Int(base.word(Field.replySize)))
    }

    // MARK: What it is about to do

    var intent: Intent? {
        get {
            guard base.word(Field.intent) != 0 else { return nil }
            return (base + Field.intent + 8).load(as: Intent.self)
        }
        nonmutating set {
            guard let newValue else { return base.setWord(Field.intent, 0) }
            (base + Field.intent + 8).storeBytes(of: newValue, as: Intent.self)
            base.setWord(Field.intent, 1)
        }
    }

    // MARK: Lookups

    var hasRoomForGrants: Bool { base.word(Field.grantCount) < UInt64(Self.grantCapacity) }

    private func grantPlace(_ number: UInt64) -> UnsafeMutableRawPointer { base + Field.grants + Int(number) * 8 }

    /// The request looks a node up: its count at `place` in `memory`, what daemons hand on, becomes `after`.
    @inline(__always)
    func grant(
        _ index: UInt32, _ place: UnsafeMutableRawPointer, _ after: UInt64, _ memory: UnsafeMutableRawPointer
    ) {
        let count = base.word(Field.grantCount)
        if count < UInt64(Self.grantCapacity) { grantPlace(count).setWord(0, UInt64(index)) }
        change(place, after, Field.grantCount, count + 1, memory)
    }

    /// The kernel gives a node back, or the request one that it has looked up.
    func giveBack(
        _ index: UInt32, _ place: UnsafeMutableRawPointer, _ after: UInt64, _ memory: UnsafeMutableRawPointer
    ) {
        guard !RecoveryMemory.Opcode.isForget((buffer + 4).load(as: UInt32.self)) else {
            return change(place, after, Field.forgetCount, base.word(Field.forgetCount) + 1, memory)
        }
        let count = min(base.word(Field.grantCount), UInt64(Self.grantCapacity))
        guard let number = (0..<count).last(where: { grantPlace($0).word(0) == UInt64(index) }) else {
            return place.setWord(0, after)
        }
        // The order of the others does not matter.
        if number != count - 1 {
            let last = grantPlace(count - 1).word(0)
            grantPlace(count - 1).setWord(0, UInt64(index))
            grantPlace(number).setWord(0, last)
        }
        change(place, after, Field.grantCount, count - 1, memory)
    }

    @inline(__always)
    private func change(
        _ place: UnsafeMutableRawPointer, _ value: UInt64, _ counter: Int, _ count: UInt64,
        _ memory: UnsafeMutableRawPointer
    ) {
        // Another daemon has the memory at another address.
        base.setWord(Field.redoPlace, UInt64(place - memory))
        base.setWord(Field.redoValue, value)
        base.setWord(Field.redoCounter, UInt64(counter))
        base.setWord(Field.redoCount, count)
        base.setWord(Field.redoIsValid, 1)
        redo(memory)
    }

    /// Carries out the change that was noted, again where it was.
    @inline(__always)
    func redo(_ memory: UnsafeMutableRawPointer) {
        guard base.word(Field.redoIsValid) != 0 else { return }
        (memory + Int(base.word(Field.redoPlace))).setWord(0, base.word(Field.redoValue))
        base.setWord(Int(base.word(Field.redoCounter)), base.word(Field.redoCount))
        base.setWord(Field.redoIsValid, 0)
    }

    /// How many nodes of a FUSE_BATCH_FORGET have been given back.
    var forgetCount: Int { Int(base.word(Field.forgetCount)) }

    /// Takes back what the request has looked up.
    func takeBackGrants(_ nodes: NodeRecords) {
        while base.word(Field.grantCount) > 0 {
            let count = base.word(Field.grantCount)
            guard count <= UInt64(Self.grantCapacity) else { return base.setWord(Field.grantCount, 0) }
            nodes.giveBack(UInt32(truncatingIfNeeded: grantPlace(count - 1).word(0)), count: 1)
        }
    }
}
