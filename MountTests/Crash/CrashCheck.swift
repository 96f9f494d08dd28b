import Glibc

/// Looks at what a source holds of a writer's slots after a crash.
struct CrashCheck {
    /// The writer's directory.
    let directory: String

    /// The versions found, slot by slot.
    ///
    /// - Parameters:
    ///   - least: the versions that must be there, or later ones.
    ///   - most: the versions that may be there, at most.
    /// - Throws: `Failure` where something acknowledged is lost, or something was never written.
    func versions(_ slots: [CrashSlot], least: [Int], most: [Int]) throws -> [Int] {
        try slots.indices.map { number in
            let slot = slots[number]
            let range = least[number]...most[number]
            let found: Int?
            switch slot.kind {
            case .record, .mapped: found = try recorded(slot, range)
            case .appended: found = try appended(slot, range)
            case .replaced: found = try replaced(slot)
            case .toggled: found = try toggled(slot, range)
            case .moved: found = try moved(slot, range)
            }
            guard let found, range.contains(found) else {
                throw Failure(
                    "\(slot) in \(directory) has \(found.map { "version \($0)" } ?? "no version that was written"), "
                        + "wanted \(range.lowerBound) to \(range.upperBound)")
            }
            return found
        }
    }

    private func recorded(_ slot: CrashSlot, _ range: ClosedRange<Int>) throws -> Int? {
        let place = slot.index * CrashSlot.recordSize
        let bytes = Array(try content(slot.name(0)).dropFirst(place).prefix(CrashSlot.recordSize))
        if bytes.allSatisfy({ $0 == 0 }) { return 0 }
        if let version = slot.version(of: bytes) { return version }
        // A store that was under way when its page was written.
        return slot.kind == .mapped && range.count > 1 ? range.upperBound : nil
    }

    /// Cuts off a line that was not whole, so that the next one begins where it should.
    private func appended(_ slot: CrashSlot, _ range: ClosedRange<Int>) throws -> Int? {
        let bytes = try content(slot.name(0))
        let lines = (0..<bytes.count / CrashSlot.lineSize).prefix { line in
            let found = bytes[line * CrashSlot.lineSize..<(line + 1) * CrashSlot.lineSize]
            return slot.version(of: Array(found)) == line + 1
        }
        truncate(directory + "/" + slot.name(0), off_t(lines.count * CrashSlot.lineSize))
        return lines.count
    }

    private func replaced(_ slot: CrashSlot) throws -> Int? {
        guard exists(directory + "/" + slot.name(0)) else { return 0 }
        return slot.version(of: try content(slot.name(0)))
    }

    private func toggled(_ slot: CrashSlot, _ range: ClosedRange<Int>) throws -> Int? {
        guard exists(directory + "/" + slot.name(0)) else { return range.last { $0 % 2 == 0 } }
        if let version = slot.version(of: try content(slot.name(0))) { return version }
        // Made, and not yet filled, which nobody was told: it goes, so that the next one can be made.
        guard range.count > 1, range.contains(where: { $0 % 2 == 1 }) else { return nil }
        unlink(directory + "/" + slot.name(0))
        return range.last { $0 % 2 == 0 }
    }

    private func moved(_ slot: CrashSlot, _ range: ClosedRange<Int>) throws -> Int? {
        let (even, odd) = (exists(directory + "/" + slot.name(0)), exists(directory + "/" + slot.name(1)))
        guard even != odd else { return nil }
        guard try content(slot.name(odd ? 1 : 0) + "/in") == Array("in\n".utf8) else { return nil }
        return range.last { $0 % 2 == (odd ? 1 : 0) }
    }

    private func content(_ name: String) throws -> [UInt8] {
        let file = open(directory + "/" + name, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure("cannot open \(directory)/\(name): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(file, &piece, piece.count), count != 0 {
            guard count > 0 else {
                throw Failure("cannot read \(directory)/\(name): \(String(cString: strerror(errno)))")
            }
            bytes += piece[..<count]
        }
        return bytes
    }
}
