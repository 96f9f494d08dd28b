import LinuxFacts
import SystemPackage

extension LinuxError {
    /// The error with what to do about it: what it says itself, or else what its errno asks for; none for what nobody can foresee.
    var advised: LinuxError {
        guard advice == nil else { return self }
        var advised = self
        advised.advice = errno.advice
        return advised
    }
}

extension Errno {
    /// What a person can do about it, wherever it comes up; nil: nothing in general.
    var advice: String? {
        switch self {
        case .noSuchFileOrDirectory: "name one that is there"
        case .permissionDenied, .notPermitted: "try it as its owner, or as root"
        case .notDirectory: "a part of the path is no directory"
        case .isDirectory: "name a file"
        case .tooManySymbolicLinkLevels: "its symbolic links lead in a circle"
        case .noSpace, .diskQuotaExceeded: "make room there"
        case .readOnlyFileSystem: "choose a place that can be written"
        case .noMemory: "it takes more free memory"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "raise the limit of open files: ulimit -n, LimitNOFILE="
        case .socketNotConnected, .staleNFSFileHandle: "what serves it is gone; mount it anew"
        case .resourceBusy: "fuser -vm shows who uses it"
        case .ioError: "the kernel's log has more: dmesg"
        default: nil
        }
    }
}
