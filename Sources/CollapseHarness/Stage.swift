import CLinuxShims
import FolioCapability
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// A filesystem that is mounted, ready for scenarios; unmounted when it goes.
final class Stage {
    /// How it was made.
    let recipe: StageRecipe
    /// Where files are made.
    let directory: FilePath
    /// Where they are mapped.
    let view: FilePath
    /// Where upper layers may be put beside `directory`.
    let room: FilePath
    /// The filesystem's facts where the mount table does not tell them; nil: it does.
    let filesystem: FilesystemFacts?
    private let mountpoint: FilePath
    private let server: Program?

    /// Makes a stage.
    /// - Parameters:
    ///   - shapes: the files that a read-only stage needs.
    ///   - foundation: the stage that it stands on, where the recipe has one.
    init(
        _ recipe: StageRecipe, in workspace: Workspace, shapes: Set<FileShape>, foundation: Stage?, reader: FactReader,
        kernel: KernelFacts, registry: CapabilityRegistry
    ) throws {
        self.recipe = recipe
        let home = try workspace.directory(recipe.name)
        mountpoint = try workspace.directory(recipe.name + "/mount")
        var server: Program?
        var filesystem: FilesystemFacts?
        switch recipe.kind {
        case .image(let mkfs, let mebibytes, let options):
            try Self.demandFilesystem(recipe.filesystem)
            let image = home.appending("image")
            try Self.create(image, size: mebibytes << 20)
            try Self.demand(Program.run(mkfs + [image.string]))
            let words = ["loop", options].filter { !$0.isEmpty }.joined(separator: ",")
            try Self.demand(
                Program.run(["mount", "-t", recipe.filesystem, "-o", words, image.string, mountpoint.string]))
            (directory, view, room) = try Self.rooms(mountpoint)
        case .archive(let command):
            try Self.demandFilesystem(recipe.filesystem)
            let tree = try workspace.directory(recipe.name + "/tree")
            for shape in shapes {
                try Self.write(
                    tree.appending("file-\(shape.rawValue)"), size: shape.size(pmdSize: kernel.geometry.pmdSize),
                    layout: shape.layout)
            }
            let image = home.appending("image")
            let words = command.map { $0 == "TREE" ? tree.string : $0 == "IMAGE" ? image.string : $0 }
            try Self.demand(Program.run(words))
            try Self.demand(
                Program.run(["mount", "-t", recipe.filesystem, "-o", "ro,loop", image.string, mountpoint.string]))
            (directory, view, room) = (mountpoint, mountpoint, mountpoint)
        case .tmpfs(let huge):
            try Self.mount("tmpfs", on: mountpoint, type: "tmpfs", options: "size=1g,huge=\(huge.rawValue)")
            (directory, view, room) = try Self.rooms(mountpoint)
        case .overlay:
            guard let foundation else { throw Unavailable(reason: "what it stands on is not there") }
            let layers = try ["lower", "upper", "work"].map { name in
                let path = foundation.room.appending("\(recipe.name)-\(name)")
                _ = try systemCall { path.withPlatformString { mkdir($0, 0o755) } }
                return path.string
            }
            let options = "lowerdir=\(layers[0]),upperdir=\(layers[1]),workdir=\(layers[2])"
            try Self.mount("overlay", on: mountpoint, type: "overlay", options: options)
            (directory, view, room) = (mountpoint, mountpoint, mountpoint)
        case .foliofs(_, let route, let promoted):
            guard let foundation else { throw Unavailable(reason: "what it stands on is not there") }
            let source = foundation.room.appending(recipe.name)
            _ = try systemCall { source.withPlatformString { mkdir($0, 0o755) } }
            server = try Served.start(source, mountpoint, route, promoted: promoted)
            filesystem = try Self.facts(
                reader, kernel, registry, source: source, mountpoint: mountpoint, asked: route)
            (directory, view, room) = (source, mountpoint, source)
        }
        self.server = server
        self.filesystem = filesystem
    }

    deinit {
        server?.stop()
        _ = mountpoint.withPlatformString { umount2($0, Int32(MNT_DETACH)) }
    }

    /// Whether files are served from copies.
    private var isStaged: Bool {
        guard case .foliofs(_, .staged, _) = recipe.kind else { return false }
        return filesystem?.layers.first?.type == "tmpfs"
    }

    /// Why an open file is not served as the stage says; nil: it is.
    func lacking(_ file: FileDescriptor) -> String? {
        guard isStaged else { return nil }
        let route = Self.attribute("user.foliofs.route", of: file)
        return route == Route.staged.rawValue
            ? nil : "it has no copy: \(Self.attribute("user.foliofs.reason", of: file) ?? "no word of why")"
    }

    private static func attribute(_ name: String, of file: FileDescriptor) -> String? {
        var value = [UInt8](repeating: 0, count: 512)
        let count = fgetxattr(file.rawValue, name, &value, value.count)
        return count < 0 ? nil : String(decoding: value.prefix(count), as: UTF8.self)
    }

    /// Writes a file of `Content` with mode 0755, `piece` bytes at a time and no holes filled, and has it on disk.
    static func write(
        _ path: FilePath, size: Int, layout: Content.Layout = .full, piece: Int = 64 << 10
    ) throws(Errno) {
        let file = try systemCall {
            path.withPlatformString { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o755) }
        }
        defer { close(file) }
        for offset in stride(from: 0, to: size, by: piece) where !layout.isHole(offset) {
            let bytes = Content.bytes(offset, min(piece, size - offset), size: size, layout: layout)
            let got = try systemCall { pwrite(file, bytes, bytes.count, off_t(offset)) }
            guard got == bytes.count else { throw .noSpace }
        }
        if layout != .full { _ = try systemCall { ftruncate(file, off_t(size)) } }
        _ = try systemCall { fsync(file) }
    }

    private static func create(_ path: FilePath, size: Int) throws(Errno) {
        let file = try systemCall {
            path.withPlatformString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
        }
        defer { close(file) }
        _ = try systemCall { ftruncate(file, off_t(size)) }
    }

    /// Directories for files and for what stands on the stage.
    private static func rooms(_ mountpoint: FilePath) throws(Errno) -> (FilePath, FilePath, FilePath) {
        for name in ["files", "room"] {
            _ = try systemCall { mountpoint.appending(name).withPlatformString { mkdir($0, 0o755) } }
        }
        return (mountpoint.appending("files"), mountpoint.appending("files"), mountpoint.appending("room"))
    }

    private static func mount(_ source: String, on path: FilePath, type: String, options: String) throws(Unavailable) {
        do throws(Errno) {
            try Workspace.mount(source, on: path, type: type, options: options)
        } catch {
            throw Unavailable(reason: "cannot mount \(type) with \(options): \(error.name)")
        }
    }

    private static func demand(_ failure: String?) throws(Unavailable) {
        if let failure { throw Unavailable(reason: failure) }
    }

    private static func demandFilesystem(_ name: String) throws(Unavailable) {
        let known = (try? TextFile.read("/proc/filesystems")) ?? ""
        let names = known.split(separator: "\n").compactMap { $0.split(whereSeparator: \.isWhitespace).last }
        // One that is built as a module is not listed before its first mount.
        if names.contains(where: { $0 == name }) { return }
        _ = Program.run(["modprobe", name])
        let again = (try? TextFile.read("/proc/filesystems")) ?? ""
        let there = again.split(separator: "\n").contains {
            $0.split(whereSeparator: \.isWhitespace).last ?? "" == name
        }
        if !there { throw Unavailable(reason: "this kernel has no \(name)") }
    }

    /// Whose page cache holds what is served: by the route that was asked for, or the one that is taken where that cannot
    /// be.
    private static func facts(
        _ reader: FactReader, _ kernel: KernelFacts, _ registry: CapabilityRegistry, source: FilePath,
        mountpoint: FilePath, asked: Route
    ) throws(LinuxError) -> FilesystemFacts {
        var facts = try reader.filesystem(of: mountpoint)
        let below = try reader.filesystem(of: source)
        let file = FileFacts(size: 4 * kernel.geometry.pmdSize, openForWrite: false, executable: true)
        // Linux 6.9 fs/fuse/passthrough.c; the server is root's.
        let passthrough =
            kernel.version.map { $0 >= KernelVersion(6, 9) } == true && kernel.config["FUSE_PASSTHROUGH"] != false
        let decision = route(
            RouteQuery(
                kernel: kernel, system: reader.system(),
                capability: registry.capability(filesystem: below, file: file, kernel: kernel), file: file,
                passthroughGranted: passthrough, rules: RouteRules([.forced(asked, place: "command line")])))
        switch decision.route {
        case .native: facts.layers = [below]
        case .plain: facts.layers = passthrough ? [below] : []
        case .staged:
            facts.layers = [
                FilesystemFacts(
                    type: "tmpfs", mountOptions: ["huge": "within_size", "rw": ""], blockSize: 4096, readOnly: false)
            ]
        case .fallback: facts.layers = []
        }
        return facts
    }
}
