package import FolioPolicy

/// How a stage is made: a filesystem with what is peculiar about it.
package struct StageRecipe: Hashable, Sendable {
    /// What it is made of.
    package enum Kind: Hashable, Sendable {
        /// mkfs of an image of so many MiB, mounted through a loop device.
        case image(mkfs: [String], mebibytes: Int, options: String)
        /// An image made from a directory of files, mounted read-only.
        case archive(command: [String])
        /// tmpfs with huge=.
        case tmpfs(huge: ShmemHugeMode)
        /// overlay, its upper layer on another recipe's stage.
        case overlay(on: String)
        /// FolioFS over another recipe's stage, by one route; promoted: files have huge folios brought about when they
        /// are opened.
        case foliofs(on: String, route: Route, promoted: Bool)
    }

    /// Its name: `ext4-journal`.
    package let name: String
    /// The filesystem, as /proc/filesystems has it: `ext4`.
    package let filesystem: String
    /// What it is made of.
    package let kind: Kind
    /// Page cache contents that can be brought about there.
    package let caches: Set<CacheContent>

    /// All of them, each after the one it stands on.
    package static let all: [StageRecipe] = [
        image("ext4", ["mkfs.ext4", "-q", "-F"], 128),
        image("ext4-1k", filesystem: "ext4", ["mkfs.ext4", "-q", "-F", "-b", "1024"], 96),
        image("ext4-encrypt", filesystem: "ext4", ["mkfs.ext4", "-q", "-F", "-O", "encrypt"], 96, pmd: false),
        image(
            "ext4-journal", filesystem: "ext4", ["mkfs.ext4", "-q", "-F"], 128, options: "data=journal", pmd: false),
        image("ext2", ["mkfs.ext2", "-q", "-F"], 96, pmd: false),
        image("xfs", ["mkfs.xfs", "-q", "-f"], 320),
        image("btrfs", ["mkfs.btrfs", "-q", "-f"], 192),
        image("f2fs", ["mkfs.f2fs", "-q", "-f"], 128, pmd: false),
        archive("squashfs", ["mksquashfs", "TREE", "IMAGE", "-quiet", "-no-progress", "-noD", "-noF"]),
        archive(
            "squashfs-gzip", filesystem: "squashfs", ["mksquashfs", "TREE", "IMAGE", "-quiet", "-no-progress"],
            pmd: false),
        archive("erofs", ["mkfs.erofs", "--quiet", "IMAGE", "TREE"]),
        archive("erofs-lz4", filesystem: "erofs", ["mkfs.erofs", "--quiet", "-zlz4", "IMAGE", "TREE"]),
        tmpfs(.never, caches: shmem), tmpfs(.always, caches: [.nothing, .pmd, .written]),
        tmpfs(.withinSize, caches: shmem), tmpfs(.advise, caches: shmem),
        StageRecipe(
            name: "overlay-ext4", filesystem: "overlay", kind: .overlay(on: "ext4"),
            caches: huge),
        StageRecipe(
            name: "overlay-btrfs", filesystem: "overlay", kind: .overlay(on: "btrfs"), caches: common),
        StageRecipe(
            name: "overlay-tmpfs", filesystem: "overlay", kind: .overlay(on: "tmpfs-always"),
            caches: [.nothing, .pmd, .written]),
        foliofs("foliofs-native-ext4", on: "ext4", .native, promoted: false),
        foliofs("foliofs-native-xfs", on: "xfs", .native, promoted: false),
        foliofs("foliofs-native-tmpfs", on: "tmpfs-never", .native, promoted: false),
        foliofs("foliofs-promoted-ext4", on: "ext4", .native), foliofs("foliofs-promoted-xfs", on: "xfs", .native),
        foliofs("foliofs-promoted-tmpfs", on: "tmpfs-never", .native),
        foliofs("foliofs-staged-ext4", on: "ext4", .staged), foliofs("foliofs-staged-btrfs", on: "btrfs", .staged),
        foliofs("foliofs-fallback-ext4", on: "ext4", .fallback), foliofs("foliofs-plain-ext4", on: "ext4", .plain),
        foliofs("foliofs-plain-btrfs", on: "btrfs", .plain),
    ]

    /// Whether files of it are made before the scenario is known.
    package var isReadOnly: Bool { if case .archive = kind { true } else { false } }

    /// The recipe it stands on; nil: none.
    package var foundation: String? {
        switch kind {
        case .overlay(let name), .foliofs(let name, _, _): name
        case .image, .archive, .tmpfs: nil
        }
    }

    /// Whether FolioFS serves its files.
    package var isServed: Bool { if case .foliofs = kind { true } else { false } }

    /// Whether its server promotes files behind their opening: what goes through the mount itself.
    package var promotesBehind: Bool { if case .foliofs(_, .fallback, true) = kind { true } else { false } }

    /// Whether the pages of its files are shmem's: tmpfs, or what shows the files of one.
    package var isShmem: Bool { filesystem == "tmpfs" || foundation?.hasPrefix("tmpfs") == true }

    /// The recipe of a name; nil: there is none.
    package static func named(_ name: String) -> StageRecipe? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// What can be brought about in a page cache that holds files which are written and read in pieces.
    private static let common: Set<CacheContent> = [.nothing, .small, .read, .written, .half]
    /// The same where PMD folios can be made.
    private static let huge = common.union([.pmd, .mixed])
    private static let shmem: Set<CacheContent> = [.nothing, .small, .written, .half, .pmd, .mixed]

    private static func image(
        _ name: String, filesystem: String? = nil, _ mkfs: [String], _ mebibytes: Int, options: String = "",
        pmd: Bool = true
    ) -> StageRecipe {
        StageRecipe(
            name: name, filesystem: filesystem ?? name,
            kind: .image(mkfs: mkfs, mebibytes: mebibytes, options: options),
            caches: pmd ? huge : common)
    }

    private static func archive(
        _ name: String, filesystem: String? = nil, _ command: [String], pmd: Bool = true
    ) -> StageRecipe {
        StageRecipe(
            name: name, filesystem: filesystem ?? name, kind: .archive(command: command),
            caches: (pmd ? huge : common).subtracting([.written]))
    }

    private static func tmpfs(_ huge: ShmemHugeMode, caches: Set<CacheContent>) -> StageRecipe {
        let name = "tmpfs-" + huge.rawValue.replacing("_", with: "")
        return StageRecipe(name: name, filesystem: "tmpfs", kind: .tmpfs(huge: huge), caches: caches)
    }

    private static func foliofs(
        _ name: String, on foundation: String, _ route: Route, promoted: Bool = true
    ) -> StageRecipe {
        let onTmpfs = foundation.hasPrefix("tmpfs")
        return StageRecipe(
            name: name, filesystem: "foliofs", kind: .foliofs(on: foundation, route: route, promoted: promoted),
            caches: promoted ? [.asServed] : onTmpfs ? shmem : huge)
    }
}
