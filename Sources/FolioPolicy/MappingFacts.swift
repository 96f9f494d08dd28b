/// What is known of a mapping (VMA) of a file. nil: unknown.
public struct MappingFacts: Hashable, Sendable {
    /// The first virtual address, page-aligned.
    public var address: UInt64?
    /// The file offset in bytes mapped at `address`, page-aligned.
    public var offset: Int
    /// Bytes mapped.
    public var length: Int
    /// The file offset in bytes at which the VMA begins that this is a part of; nil: `offset`.
    public var vmaOffset: Int?
    /// Whether `offset` is known; where it is not, its value says nothing.
    public var offsetIsKnown = true
    /// Whether `length` is known; where it is not, its value says nothing.
    public var lengthIsKnown = true
    /// PROT_READ.
    public var read: Bool?
    /// PROT_WRITE.
    public var write: Bool?
    /// PROT_EXEC (VM_EXEC).
    public var exec: Bool?
    /// MAP_SHARED.
    public var shared: Bool?
    /// Whether every chunk in question has been touched since it was mapped, so that page tables exist.
    public var touched: Bool?
    /// Where `touched` is false: whether the 1 GiB around the chunk has a page-table page all the same.
    public var pageTableNearby: Bool?
    /// Whether every chunk in question is mapped by a PMD already.
    public var pmdMapped: Bool?
    /// Whether execve(2) made it as the program's own image (VM_DENYWRITE, which kernels before 5.15 ask for).
    public var programImage: Bool?
    /// What madvise(2) has said.
    public var advice: MappingAdvice?
    /// What touches it first, where the operation is a fault; nil: a read.
    public var access: MappingAccess?
    /// Whether it is one of VM_IO, VM_PFNMAP, VM_MIXEDMAP or VM_DONTEXPAND, a driver's; nil: it is not known to be.
    public var special: Bool?
    /// What a userfaultfd watches it for; nil: none is known of.
    public var userfaultfd: UserfaultfdModes?
    /// Whether pages of a private mapping have been written to and so copied; nil: none are known of.
    public var copied: Bool?
    /// Whether it is a shared anonymous mapping, shmem without a mount; nil: it is not known to be.
    public var anonymous: Bool?

    /// Facts of one mapping.
    public init(
        address: UInt64?, offset: Int, length: Int, read: Bool? = true, write: Bool? = false, exec: Bool? = false,
        shared: Bool? = false, touched: Bool? = nil, pageTableNearby: Bool? = nil, pmdMapped: Bool? = nil,
        programImage: Bool? = nil, advice: MappingAdvice? = nil
    ) {
        self.address = address
        self.offset = offset
        self.length = length
        self.read = read
        self.write = write
        self.exec = exec
        self.shared = shared
        self.touched = touched
        self.pageTableNearby = pageTableNearby
        self.pmdMapped = pmdMapped
        self.programImage = programImage
        self.advice = advice
    }
}
