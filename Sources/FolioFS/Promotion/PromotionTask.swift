import FolioPolicy
import Glibc
import SystemPackage

/// A file that is to be promoted, or looked at again, by the route it is served by.
struct PromotionTask: Sendable {
    /// What of it is there.
    enum File: Sendable {
        /// The mount's inode.
        case inode(Inode)
        /// The source, open for reading.
        case open(DescriptorOwner)
    }

    let identity: FileIdentity
    let file: File
    let decision: RouteDecision
    /// Its path below the source, if known: what goes through the mount is opened by it.
    let path: [UInt8]?

    init(_ inode: Inode, _ decision: RouteDecision) {
        identity = inode.identity
        file = .inode(inode)
        self.decision = decision
        path = nil
    }

    init(_ identity: FileIdentity, _ file: DescriptorOwner, _ decision: RouteDecision, path: [UInt8]? = nil) {
        self.identity = identity
        self.file = .open(file)
        self.decision = decision
        self.path = path
    }

    /// The source open for reading.
    /// - Throws: ESTALE where it is gone.
    func open() throws(Errno) -> DescriptorOwner {
        switch file {
        case .inode(let inode): DescriptorOwner(try inode.open(O_RDONLY | O_NONBLOCK))
        case .open(let file): file
        }
    }
}
