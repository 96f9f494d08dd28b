public import Glibc

/// What statvfs(3) answers.
public typealias FilesystemStatistics = statvfs
