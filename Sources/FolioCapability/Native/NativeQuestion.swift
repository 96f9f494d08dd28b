package import FolioPolicy

/// What is asked of a native plugin.
package struct NativeQuestion: Hashable, Sendable {
    /// The file's absolute path.
    package var path: [UInt8]
    /// The filesystem that holds it.
    package var filesystem: FilesystemFacts
    /// The kernel that is asked about.
    package var kernel: KernelFacts

    /// A question from its parts.
    package init(path: [UInt8], filesystem: FilesystemFacts, kernel: KernelFacts) {
        self.path = path
        self.filesystem = filesystem
        self.kernel = kernel
    }

    /// Eight numbers, the path, the type, whether options are known, and the options.
    var fields: [[UInt8]] {
        let version = kernel.version ?? KernelVersion(0, 0)
        let geometry = kernel.geometry
        let numbers = [
            version.major, version.minor, version.patch, geometry.pageSize, Int(geometry.pmdOrder.rawValue),
            Int(geometry.maximumPageCacheOrder.rawValue), filesystem.blockSize ?? 0,
            filesystem.mountOptions == nil ? 0 : 1,
        ]
        let options = (filesystem.mountOptions ?? [:]).sorted { $0.key < $1.key }
        return numbers.map { Array(String($0).utf8) } + [path, Array((filesystem.type ?? "").utf8)]
            + options.map { Array(($0.value.isEmpty ? $0.key : "\($0.key)=\($0.value)").utf8) }
    }
}
