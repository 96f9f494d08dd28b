import Foundation
import Testing

@testable import FolioCapability

/// The published schema is what an editor reads: Python's jsonschema judges by it, and must judge as the reader does.
@Suite("The published JSON Schema, by an independent validator")
struct SchemaValidatorTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    private static let plugins = tests.appending(path: "../../Plugins").standardizedFileURL

    /// Prints for each file what it is: valid, invalid, or no TOML.
    private static let program = """
        import json, sys, tomllib, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for path in sys.argv[2:]:
            try:
                with open(path, "rb") as file: document = tomllib.load(file)
            except (tomllib.TOMLDecodeError, UnicodeDecodeError):
                print("no TOML", path)
                continue
            print("valid" if validator.is_valid(document) else "invalid", path)
        """

    private static func python(_ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    /// Whether there is a validator; says on standard output what would enable the tests where there is none.
    private static let isThere: Bool = {
        let answer = try? python(["-c", "import tomllib, jsonschema.validators; jsonschema.Draft202012Validator"])
        if answer?.status == 0 { return true }
        print(
            "skipped: the schema by an independent validator; make deps installs python3-jsonschema, Python 3.11 is needed"
        )
        return false
    }()

    /// What the validator says of each file, by its path.
    private static func judge(_ paths: [String]) throws -> [String: String] {
        let schema = plugins.appending(path: "capability.schema.json").path
        let (status, text) = try python(["-c", program, schema] + paths)
        try #require(status == 0, "\(text)")
        var verdicts: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let slash = line.firstIndex(of: "/") else { continue }
            verdicts[String(line[slash...])] = line[..<slash].trimmingCharacters(in: .whitespaces)
        }
        return verdicts
    }

    @Test("accepts every manifest that is shipped, and every example for authors", .enabled(if: isThere))
    func shipped() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.plugins.path)
            .map { Self.plugins.appending(path: $0) }
        let examples = ["manifest", "c", "swift"].map {
            Self.plugins.appending(path: "../examples/plugins/\($0)").standardizedFileURL
        }
        let paths = (folders + examples).map { $0.appending(path: "capability.toml").path }
            .filter { FileManager.default.fileExists(atPath: $0) }
        #expect(paths.count > 38)
        let verdicts = try Self.judge(paths)
        for path in paths { #expect(verdicts[path] == "valid", "\(path)") }
    }

    @Test("rejects every mistake that it forbids, and no other", .enabled(if: isThere))
    func mistakes() throws {
        let names = ManifestErrorTests.names
        func path(_ name: String) -> String { Self.tests.appending(path: "Mistakes/\(name).toml").path }
        let verdicts = try Self.judge(names.map(path))
        var rejected = 0
        for name in names {
            let text = try String(contentsOfFile: path(name), encoding: .utf8)
            guard let root = try? TOMLDocument.parse(text, file: name) else { continue }
            let forbidden = try !SchemaCheck.problems(root, file: name).isEmpty
            if forbidden { rejected += 1 }
            #expect(verdicts[path(name)] == (forbidden ? "invalid" : "valid"), "\(name)")
        }
        #expect(rejected > 30)
    }
}
