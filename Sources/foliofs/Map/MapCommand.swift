import ArgumentParser
import Foundation
import Glibc
import LinuxFacts
import SystemPackage

/// `foliofs map`: a file's page cache, drawn.
struct MapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map",
        abstract: "Draw the page cache of a file by the order of its folios, and what PMDs map.",
        discussion: """
            Nothing is read in: what is not cached stays so. Orders take root, to whom the kernel shows page frames; \
            others see what is cached and what PMDs map.
            """)

    @Argument(help: "The file.") var path: String
    @Option(help: ArgumentHelp("Write an SVG picture.", valueName: "file")) var svg: String?
    @Option(help: ArgumentHelp("Write an HTML page.", valueName: "file")) var html: String?
    @Flag(help: "Print JSON.") var json = false

    mutating func validate() throws {
        if json, svg != nil || html != nil {
            throw ValidationError("--json is another answer than --svg and --html: name one")
        }
    }

    func run() throws {
        let bar = ProgressBar(path)
        defer { bar.end() }
        let map = try PageCacheMap(FilePath(path), reader: try FactReader()) { bar.show($0, of: $1) }
        bar.end()
        if json {
            Terminal.print(try JSONText.pretty(map))
        } else if svg != nil || html != nil {
            let picture = PageCachePicture(map)
            if let svg { try write(picture.svg, to: svg) }
            if let html { try write(picture.html, to: html) }
        } else {
            let screen = TerminalScreen.standardOutput
            let drawing = PageCacheDrawing(map, columns: screen?.columns ?? 80, colours: screen?.hasColours == true)
            Terminal.print(drawing.text)
        }
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        } catch {
            let failure = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.code ?? Int(EIO)
            throw LinuxError("write", FilePath(path), Errno(rawValue: Int32(failure)))
        }
    }
}
