import Glibc

/// A buffer for each thread that answers reads, kept until the thread ends.
enum ThreadBuffer {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key) { free($0) }
        return key
    }()

    /// At least `count` bytes, page-aligned, this thread's until it asks again; nil where there is no memory.
    static func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer? {
        let header = 4096
        if let held = pthread_getspecific(key) {
            let capacity = held.load(as: Int.self)
            if capacity >= count { return UnsafeMutableRawBufferPointer(start: held + header, count: count) }
            free(held)
            pthread_setspecific(key, nil)
        }
        let capacity = max(count, 1 << 17)
        guard let memory = aligned_alloc(4096, header + (capacity + 4095) & ~4095) else { return nil }
        memory.storeBytes(of: capacity, as: Int.self)
        pthread_setspecific(key, memory)
        return UnsafeMutableRawBufferPointer(start: memory + header, count: count)
    }
}
