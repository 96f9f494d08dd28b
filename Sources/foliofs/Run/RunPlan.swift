import Glibc
import LinuxFacts
import SystemPackage

/// Which directories a command's program and libraries are in, and what of them is put in their place.
struct RunPlan: Equatable {
    /// A directory that is served, and what of its mount is bound over what is there.
    struct Cover: Equatable {
        /// The directory that is served.
        let directory: FilePath
        /// The one file of it that is covered; nil: all of it.
        let file: FilePath?
    }

    /// Covers that do not lie inside one another.
    private(set) var covers: [Cover] = []

    /// The plan for a program, with directories that are served as well.
    ///
    /// - Parameters:
    ///   - program: the path of an executable file; scripts are followed to their interpreter.
    ///   - directories: absolute and without symbolic links.
    init(program: FilePath, directories: [FilePath]) throws(LinuxError) {
        var files: [FilePath] = []
        try Self.collect(program, into: &files, depth: 0)
        covers = Self.covers(files: files, directories: directories)
    }

    /// The covers for these files and directories, without what lies inside another.
    static func covers(files: [FilePath], directories: [FilePath]) -> [Cover] {
        var whole = Set(directories)
        var single: Set<FilePath> = []
        for file in files {
            if let prefix = prefix(of: file) { whole.insert(prefix) } else { single.insert(file) }
        }
        let outer = whole.filter { one in !whole.contains { $0 != one && one.starts(with: $0) } }
        let rest = single.filter { file in !outer.contains { file.starts(with: $0) } }
        return outer.map { Cover(directory: $0, file: nil) }.sorted { $0.directory.string < $1.directory.string }
            + rest.sorted { $0.string < $1.string }.map { Cover(directory: $0.removingLastComponent(), file: $0) }
    }

    /// The directory under which a program's package keeps all that belongs to it: /usr, or what holds the last `bin`,
    /// `lib` and the like in the path. nil: the file stands by itself.
    static func prefix(of file: FilePath) -> FilePath? {
        if file.starts(with: "/usr") { return "/usr" }
        let names = file.removingLastComponent().components.map(\.string)
        guard let last = names.lastIndex(where: { Self.folders.contains($0) }) else { return nil }
        // In the root directory it is that folder alone: /bin, where that is no link to /usr/bin.
        return FilePath("/" + names[..<max(last, 1)].joined(separator: "/"))
    }

    private static let folders: Set<String> = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec"]

    // MARK: What a program is made of

    /// Adds a program, its interpreter and the libraries that it is loaded with.
    private static func collect(_ program: FilePath, into files: inout [FilePath], depth: Int) throws(LinuxError) {
        let real = try program.resolved()
        guard !files.contains(real) else { return }
        files.append(real)
        let beginning: [UInt8]
        do {
            beginning = try TextFile.bytes(real, first: 4096)
        } catch {
            throw LinuxError("read the program", real, error)
        }
        if beginning.starts(with: "#!".utf8) {
            // BINPRM_MAX_RECURSION: more is ELOOP for the kernel as well.
            guard depth < 5 else { throw LinuxError("run", program, .tooManySymbolicLinkLevels) }
            let line = beginning.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
            for word in scriptPrograms(String(decoding: line, as: UTF8.self)) {
                try collect(word, into: &files, depth: depth + 1)
            }
            return
        }
        guard let loader = interpreter(of: real) else { return }
        for library in [loader] + libraries(of: real, loader: loader) {
            if let real = try? library.resolved(), !files.contains(real) { files.append(real) }
        }
    }

    /// The programs that a script's first line names: its interpreter, and what env(1) is to find.
    static func scriptPrograms(_ line: String) -> [FilePath] {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard let first = words.first else { return [] }
        var programs = [FilePath(first)]
        if FilePath(first).lastComponent?.string == "env",
            let name = words.dropFirst().first(where: { !$0.hasPrefix("-") && !$0.contains("=") }),
            let found = ProgramSearch.find(name)
        {
            programs.append(found)
        }
        return programs
    }

    private static func interpreter(of program: FilePath) -> FilePath? {
        guard let file = try? FileDescriptor.open(program, .readOnly, options: .closeOnExec) else { return nil }
        defer { try? file.close() }
        return ELFImage.read(file.rawValue)?.interpreter(in: file.rawValue).map { FilePath($0) }
    }

    /// What the dynamic loader says it will load (ld.so(8), --list), without running anything of it; empty: it does not say.
    private static func libraries(of program: FilePath, loader: FilePath) -> [FilePath] {
        guard let said = try? HelperProgram.output(of: [loader.string, "--list", program.string]), said.status == 0
        else {
            return []
        }
        return libraries(in: said.text)
    }

    /// The paths in lines such as `libc.so.6 => /lib/libc.so.6 (0x7f…)`.
    static func libraries(in text: String) -> [FilePath] {
        text.split(separator: "\n").compactMap { line in
            // The address at the end, and the name before the arrow.
            let words = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
            guard words.last?.hasPrefix("(0x") == true else { return nil }
            let named = words.dropLast()
            let place = named.firstIndex(of: "=>").map { named[named.index(after: $0)...] } ?? named
            let path = FilePath(place.joined(separator: " "))
            return path.isAbsolute ? path : nil
        }
    }
}
