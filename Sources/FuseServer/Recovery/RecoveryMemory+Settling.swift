import CFuse3
import CLinuxShims
import Glibc
import Synchronization
public import SystemPackage

/// How a daemon finds out what the last one left undone.
extension RecoveryMemory {
    /// What a daemon counts that crashed with a request at work; one that ended otherwise counts 1.
    private static let crash: UInt64 = 16
    /// A request at which daemons have ended that count more than this is answered EIO: four that crashed, or 49 that were killed.
    private static let mostAttempts = 3 * crash
    /// FUSE_* of linux/fuse.h.
    enum Opcode {
        static let forget: UInt32 = 2
        static let batchForget: UInt32 = 42
        static let release: UInt32 = 18
        static let interrupt: UInt32 = 36

        /// Whether a request gives nodes back.
        @inline(__always)
        static func isForget(_ opcode: UInt32) -> Bool { opcode == forget || opcode == batchForget }
    }

    /// Settles what was in flight when the last daemon ended: what is recorded as done is answered, what was not answered is taken back
    /// or kept for `FuseSession.run()` to carry out, and nodes and handles are those that the kernel has.
    ///
    /// To be called while nobody else serves, before a filesystem takes anything over.
    /// - Throws: what writing to /dev/fuse says.
    public func settle() throws(Errno) {
        daemons += 1
        RequestStep.memory = self
        defer { Desk.leave() }
        for number in 0..<Self.deskCount { desk(number).redo(base) }
        // Of what a desk says of the reception nothing is needed but what was forgotten.
        var inFlight = try receive(resends: sendAgain())
        var openers: Set<UInt64> = []
        for number in 0..<Self.deskCount { settle(desk(number), &inFlight, &openers) }
        for request in inFlight.values {
            guard let free = (0..<Self.deskCount - 1).map({ desk($0) }).first(where: { $0.phase == .idle }) else {
                extraRequests.append(request)
                continue
            }
            request.withUnsafeBytes { free.place($0) }
            unfinished.append(free)
        }
        handles.end(openedBy: openers)
        unfinished.sort { Self.order($0) < Self.order($1) }
        let taken = Set(unfinished.map(\.base))
        freeDesks.withLock { $0.removeAll { taken.contains($0.base) } }
    }

    /// What is released goes first: what is opened then begins anew.
    private static func order(_ desk: Desk) -> (UInt64, UInt64) {
        guard let header = desk.request?.header else { return (2, 0) }
        return (header.opcode == Opcode.release ? 0 : 1, header.unique)
    }

    /// FUSE_NOTIFY_RESEND: has the kernel send again what was read and not answered.
    /// - Returns: false where the kernel cannot (before Linux 6.9).
    private func sendAgain() throws(Errno) -> Bool {
        var header = folio_fuse_out_header(len: 16, error: Int32(FOLIO_FUSE_NOTIFY_RESEND), unique: 0)
        guard write(device, &header, 16) < 0 else { return true }
        guard errno == EINVAL else { throw Errno(rawValue: errno) }
        return false
    }

    /// Reads what is sent again, which comes before anything new, by its number.
    private func receive(resends: Bool) throws(Errno) -> [UInt64: [UInt8]] {
        var requests: [UInt64: [UInt8]] = [:]
        let desk = receptionDesk
        if let left = desk.request, Opcode.isForget(left.header.opcode) {
            desk.sit()
            forget(left, desk)
        }
        desk.finish()
        desk.populate()
        desk.sit()
        while resends {
            var wanted = pollfd(fd: device, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, 0) > 0 else { break }
            desk.begins()
            let count = read(device, desk.buffer, Desk.bufferSize)
            guard count > 0 else {
                if errno == EINTR || errno == ENOENT || errno == EAGAIN { continue }
                // The mount is gone: the workers will find out.
                break
            }
            desk.received()
            guard let request = desk.request else { continue }
            let isOver: Bool
            switch request.header.opcode {
            case Opcode.forget, Opcode.batchForget:
                forget(request, desk)
                isOver = false
            case Opcode.interrupt:
                extraRequests.append(Array(request.bytes))
                isOver = false
            default:
                requests[request.header.unique & ~Attempt.resent] = Array(request.bytes)
                isOver = request.header.unique & Attempt.resent == 0
            }
            desk.finish()
            if isOver { break }
        }
        desk.finish()
        guard !resends else {
            _ = takeWaits()
            return requests
        }
        for number in 0..<Self.deskCount - 1 { answerUnsent(self.desk(number)) }
        for unique in takeWaits() { fail(unique, EIO) }
        return [:]
    }

    /// A kernel that sends nothing again is answered what is recorded, and otherwise EIO.
    private func answerUnsent(_ desk: Desk) {
        guard let request = desk.request, !Opcode.isForget(request.header.opcode),
            !desk.wasRefused
        else { return }
        if desk.reply.isEmpty {
            // Had it been answered, the kernel would not know it, and its lookups would stand.
            if fail(request.header.unique, EIO) { desk.wasRefused = true }
        } else {
            _ = Glibc.write(device, desk.reply.baseAddress, desk.reply.count)
        }
    }

    private func settle(_ desk: Desk, _ inFlight: inout [UInt64: [UInt8]], _ openers: inout Set<UInt64>) {
        desk.sit()
        guard let request = desk.request else { return desk.finish() }
        let unique = request.header.unique & ~Attempt.resent
        let again = inFlight.removeValue(forKey: unique)
        if Opcode.isForget(request.header.opcode) {
            forget(request, desk)
            return desk.finish()
        }
        if desk.wasRefused {
            desk.takeBackGrants(nodes)
            openers.insert(unique)
            return desk.finish()
        }
        // It was answered: what it did stands.
        guard let again else { return desk.finish() }
        let number = again.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
        if !desk.reply.isEmpty {
            desk.reply.storeBytes(of: number, toByteOffset: 8, as: UInt64.self)
            if Glibc.write(device, desk.reply.baseAddress, desk.reply.count) < 0 {
                desk.wasRefused = true
                desk.takeBackGrants(nodes)
                openers.insert(unique)
            } else {
                desk.wasAnswered()
            }
            return desk.finish()
        }
        desk.takeBackGrants(nodes)
        openers.insert(unique)
        desk.attempts += hasCrashed ? Self.crash : 1
        if desk.attempts > Self.mostAttempts {
            fail(number, EIO)
            return desk.finish()
        }
        again.withUnsafeBytes { desk.place($0) }
        unfinished.append(desk)
    }

    @discardableResult
    private func fail(_ unique: UInt64, _ errno: Int32) -> Bool {
        var header = folio_fuse_out_header(len: 16, error: -errno, unique: unique)
        return Glibc.write(device, &header, 16) >= 0
    }

    /// Gives back what a FUSE_FORGET or FUSE_BATCH_FORGET names and has not been given back.
    private func forget(_ request: RawRequest, _ desk: Desk) {
        let body = request.body
        var done = desk.forgetCount
        func giveBack(_ node: UInt64, _ count: UInt64) {
            // Of the root nothing is counted.
            guard NodeRecords.index(NodeID(rawValue: node)) != nil else { return }
            done -= 1
            if done < 0 { nodes.giveBackUnattended(NodeID(rawValue: node), count: count) }
        }
        guard request.header.opcode == Opcode.batchForget else {
            guard body.count >= 8 else { return }
            return giveBack(request.header.nodeid, body.loadUnaligned(as: UInt64.self))
        }
        guard body.count >= 8 else { return }
        let count = min(Int(body.loadUnaligned(as: UInt32.self)), (body.count - 8) / 16)
        for number in 0..<count {
            giveBack(
                body.loadUnaligned(fromByteOffset: 8 + number * 16, as: UInt64.self),
                body.loadUnaligned(fromByteOffset: 16 + number * 16, as: UInt64.self))
        }
    }
}
