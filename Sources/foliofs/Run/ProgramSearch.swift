import Glibc
import SystemPackage

/// Finds a program as execvp(3) does.
enum ProgramSearch {
    /// The path of a program by its name on PATH, or by its path; nil: there is none that can be run.
    static func find(_ name: String) -> FilePath? {
        if name.contains("/") { return isProgram(FilePath(name)) ? FilePath(name) : nil }
        guard !name.isEmpty else { return nil }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/bin:/usr/bin"
        // An empty word is the current directory.
        return path.split(separator: ":", omittingEmptySubsequences: false).lazy
            .map { FilePath($0.isEmpty ? "./" + name : $0 + "/" + name) }.first(where: isProgram)
    }

    private static func isProgram(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { access($0, X_OK) == 0 && stat($0, &status) == 0 }
            && status.st_mode & S_IFMT == S_IFREG
    }
}
