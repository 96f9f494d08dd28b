import Glibc
import SystemPackage
import Testing

@testable import FolioFS

@Suite struct OpenDirectoryTests {
    private func names(_ directory: OpenDirectory, from start: Int64, atMost: Int) throws -> (
        names: [String], next: Int64
    ) {
        var names: [String] = []
        var next = start
        try directory.read(from: start) { entry throws(Errno) in
            guard names.count < atMost else { return false }
            names.append(String(cString: entry.name))
            next = entry.next
            return true
        }
        return (names, next)
    }

    private func table(_ source: TemporaryDirectory) throws -> InodeTable {
        try InodeTable(source: open(source.path, O_RDONLY | SourceFlags.directory), descriptorLimit: 100)
    }

    @Test("every entry comes once, however few are taken at a time", arguments: [1, 3, 1000])
    func pieces(step: Int) throws {
        let source = TemporaryDirectory()
        let expected = Set((0..<200).map { "file-\($0)" } + [".", ".."])
        for name in expected where !name.hasPrefix(".") { source.write(name, []) }
        let table = try table(source)
        let directory = try OpenDirectory(table.root)
        var all: [String] = []
        var offset: Int64 = 0
        while true {
            let (names, next) = try names(directory, from: offset, atMost: step)
            if names.isEmpty { break }
            all += names
            offset = next
        }
        #expect(all.count == expected.count)
        #expect(Set(all) == expected)
    }

    @Test("every entry comes once though the descriptor is closed between any two reads")
    func evicted() throws {
        let source = TemporaryDirectory()
        // More than one buffer of entries, so that the descriptor must read on where it was.
        let padding = String(repeating: "x", count: 200)
        let expected = Set((0..<1000).map { "file-\($0)-\(padding)" } + [".", ".."])
        for name in expected where !name.hasPrefix(".") { source.write(name, []) }
        let table = try table(source)
        let directory = try OpenDirectory(table.root)
        var all: [String] = []
        var offset: Int64 = 0
        var evicted = 0
        while true {
            let (names, next) = try names(directory, from: offset, atMost: 100)
            if names.isEmpty { break }
            all += names
            offset = next
            // The first round only finds that it was used lately.
            evicted += table.budget.files.evict(16) + table.budget.files.evict(16)
            #expect(table.budget.files.count == 0)
        }
        #expect(evicted > 2)
        #expect(all.count == expected.count)
        #expect(Set(all) == expected)
    }

    @Test("going back to an offset gives the same entries again")
    func seek() throws {
        let source = TemporaryDirectory()
        for index in 0..<50 { source.write("file-\(index)", []) }
        let table = try table(source)
        let directory = try OpenDirectory(table.root)
        let first = try names(directory, from: 0, atMost: 10)
        let rest = try names(directory, from: first.next, atMost: 100)
        let again = try names(directory, from: first.next, atMost: 100)
        #expect(rest.names == again.names)
        #expect(Set(first.names).isDisjoint(with: rest.names))
    }
}
