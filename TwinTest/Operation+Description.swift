extension Operation: CustomStringConvertible {
    /// One line with every field that is set, so that a reproducer can be read and played by hand.
    var description: String {
        var parts = ["#\(worker) \(kind)"]
        if !path.isEmpty { parts.append("path=\(path)") }
        if !otherPath.isEmpty { parts.append("other=\(otherPath)") }
        if slot >= 0 { parts.append("slot=\(slot)") }
        if otherSlot >= 0 { parts.append("otherSlot=\(otherSlot)") }
        if flags != 0 { parts.append("flags=0x\(String(UInt32(bitPattern: flags), radix: 16))") }
        if mode != 0 { parts.append("mode=0\(String(mode, radix: 8))") }
        if offset != 0 { parts.append("offset=\(offset)") }
        if length != 0 { parts.append("length=\(length)") }
        if third != 0 { parts.append("third=\(third)") }
        if fourth != 0 { parts.append("fourth=\(fourth)") }
        if seed != 0 { parts.append("seed=\(seed)") }
        if !name.isEmpty { parts.append("name=\(name)") }
        if !value.isEmpty { parts.append("value=\(Name.shown(value))") }
        if !observes { parts.append("unobserved") }
        return parts.joined(separator: " ")
    }
}
