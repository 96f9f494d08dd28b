import Glibc

/// mmap(2) and what is done with it, through a pipe: a fault beyond the end of the file is EFAULT there, not SIGBUS.
extension Executor {
    func map(_ operation: Operation) {
        unmap(operation.otherSlot, silently: true)
        var protection = PROT_READ
        if operation.flags & 1 != 0 { protection |= PROT_WRITE }
        if operation.flags & 4 != 0 { protection |= PROT_EXEC }
        let memory = mmap(
            nil, Int(operation.length), protection, operation.flags & 2 != 0 ? MAP_SHARED : MAP_PRIVATE,
            descriptors[operation.slot], operation.offset)
        guard let memory, memory != MAP_FAILED else { return record.put(result: -1) }
        record.put(result: 0)
        remember(operation.slot, isStoredTo: operation.flags & 3 == 3)
        let known = twins[operation.slot] >= 0 ? twins[operation.slot] : descriptors[operation.slot]
        let file = Glibc.open("/proc/self/fd/\(known)", OpenFlags.pathOnly | O_CLOEXEC)
        mappedFiles[operation.otherSlot] = (file, operation.offset)
        mappings[operation.otherSlot] = UnsafeMutableRawBufferPointer(start: memory, count: Int(operation.length))
    }

    /// Takes a file out of the comparison of times or blocks, and keeps its inode number from being used again.
    private func remember(_ slot: Int, isStoredTo: Bool) {
        let inode = Observation.of(descriptors[slot]).status.st_ino
        guard mapped.insert(inode, isStoredTo: isStoredTo) else { return }
        // In the mount the number is the source's. What never had a name there is kept by nothing but an open file, and is
        // in both worlds, as its locks are kept with it.
        let file = world.kind == .mount && twins[slot] >= 0 ? twins[slot] : descriptors[slot]
        if areUnnamed[slot] {
            _ = fcntl(file, F_DUPFD_CLOEXEC, 0)
        } else {
            _ = Glibc.open("/proc/self/fd/\(file)", OpenFlags.pathOnly | O_CLOEXEC)
        }
    }

    func unmap(_ slot: Int, silently: Bool = false) {
        guard let mapping = mappings[slot] else {
            if !silently { record.put(" none") }
            return
        }
        record.put(silently ? " unmapped" : "")
        record.put(result: Int(munmap(mapping.baseAddress!, mapping.count)))
        mappings[slot] = nil
        if mappedFiles[slot].file >= 0 { Glibc.close(mappedFiles[slot].file) }
        mappedFiles[slot] = (-1, 0)
    }

    private func range(_ operation: Operation) -> UnsafeMutableRawBufferPointer? {
        guard let mapping = mappings[operation.otherSlot], Int(operation.offset) < mapping.count else { return nil }
        let end = min(Int(operation.offset + operation.length), mapping.count)
        return UnsafeMutableRawBufferPointer(rebasing: mapping[Int(operation.offset)..<end])
    }

    func load(_ operation: Operation) {
        guard let range = range(operation) else { return record.put(" none") }
        let count = Glibc.write(pipes[1], range.baseAddress, range.count)
        record.put(result: count)
        guard count > 0 else { return }
        let got = Glibc.read(pipes[0], buffer.baseAddress, count)
        record.put(content: UnsafeRawBufferPointer(rebasing: buffer[..<max(got, 0)]))
    }

    func store(_ operation: Operation) {
        guard var range = range(operation) else { return record.put(" none") }
        // What is stored beyond the end tmpfs shows when the file grows: see KnownDifferences.
        let (file, start) = mappedFiles[operation.otherSlot]
        let room = Int(Observation.of(file).status.st_size) - start - Int(operation.offset)
        if room < range.count, room > 0 { range = UnsafeMutableRawBufferPointer(rebasing: range[..<room]) }
        if room <= 0, room > -4096 { return record.put(" beyond") }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count])
        Content.fill(bytes, seed: operation.seed)
        _ = Glibc.write(pipes[1], bytes.baseAddress, bytes.count)
        record.put(result: Glibc.read(pipes[0], range.baseAddress, range.count))
        // What a fault left behind.
        while Glibc.read(pipes[0], buffer.baseAddress, 65536) > 0 {}
    }

    func synchronizeMap(_ operation: Operation) {
        guard let mapping = mappings[operation.otherSlot] else { return record.put(" none") }
        record.put(result: Int(msync(mapping.baseAddress!, mapping.count, operation.flags)))
    }
}
