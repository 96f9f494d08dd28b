import FolioPolicy
import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import FolioCapability

/// Sins/NAME.c are plugins, most of them bad ones, compiled here and run in the process of the foliofs beside this program.
@Suite("A native plugin", .serialized)
struct NativePluginTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    private static let foliofs = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "foliofs").path

    /// A folder of this process's own, which goes with it.
    private static let folder: URL = {
        atexit { try? FileManager.default.removeItem(at: NativePluginTests.folder) }
        return FileManager.default.temporaryDirectory.appending(path: "foliofs-sins-\(getpid())")
    }()

    /// The library of Sins/NAME.c, compiled.
    private static func library(_ name: String) throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let library = folder.appending(path: name + ".so").path
        guard !FileManager.default.fileExists(atPath: library) else { return library }
        let header = tests.appending(path: "../../Sources/CFolioPlugin/include").path
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = [
            "cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-I", header, "-o", library,
            tests.appending(path: "Sins/\(name).c").path,
        ]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0, "cannot compile Sins/\(name).c; make deps installs gcc")
        return library
    }

    private static func plugin(
        _ name: String, limit: Double = 20, now: (@Sendable () -> Double)? = nil
    ) throws -> NativePlugin {
        try NativePlugin(library(name), command: [foliofs, "plugin-host"], limit: limit, now: now)
    }

    private static func question(_ path: String = "/data/file", options: [String: String]? = [:]) -> NativeQuestion {
        NativeQuestion(
            path: Array(path.utf8), filesystem: FilesystemFacts(type: "goodfs", mountOptions: options),
            kernel: KernelFacts(version: KernelVersion(6, 18, 44)))
    }

    private static func failure(_ name: String, limit: Double = 20) throws -> String {
        let plugin = try plugin(name, limit: limit)
        let failure = try #require(throws: NativeFailure.self) { try plugin.ask(question()) }
        #expect(plugin.status().cause != nil)
        return failure.description
    }

    @Test("answers, again and again, from one process")
    func good() throws {
        let plugin = try Self.plugin("good")
        for _ in 0..<100 {
            let answer = try plugin.ask(Self.question())
            #expect(answer.orders == .orders(.range(minimum: .zero, maximum: FolioOrder(9))))
            #expect(answer.writes == .back)
            #expect(answer.source == "6.18 fs/good.c")
        }
        #expect(try plugin.ask(Self.question("/small")).orders == .orders(OrderCapability.none))
        let described = FilesystemFacts(type: "tmpfs", mountOptions: ["huge": "within_size", "ro": ""], readOnly: true)
        #expect(try plugin.ask(Self.question("/elsewhere")).orders == .filesystem(described))
        #expect(try plugin.ask(Self.question(options: ["sync": ""])).writes == .through)
        #expect(try plugin.ask(Self.question(options: ["sync": "1"])).writes == .through)
        #expect(try plugin.ask(Self.question(options: nil)).writes == .back)
        #expect(plugin.status() == NativePlugin.Status(name: "good 1.0", failures: 0, cause: nil))
    }

    @Test(
        "that sins costs its own answer, with the cause",
        arguments: [
            ("crash", "crashed: SIGSEGV"), ("flood", "wrote more than 65536 bytes to its output"),
            ("scribble", "answers nonsense: 4294967295 bytes in one answer"),
            ("orders", "answers nonsense: its orders are from 9 to 3"), ("kind", "answers nonsense: its kind is 77"),
            ("endless", "answers nonsense: its source is no text, or has no end"),
            ("sourceless", "answers nonsense: it names no source"),
            ("relative", "answers nonsense: its layer is \"upper/file\", no absolute path"),
            ("nowhere", "answers nonsense: it names no filesystem"),
            ("refuses", "answers nonsense: it says that it cannot: 5"), ("leaves", "ended by itself with status 7"),
            ("version", "is for ABI 9.0, this program speaks 1.1"), ("declines", "does not speak ABI 1.1"),
            ("short", "its struct folio_plugin has 8 bytes, too few, or no function"),
            ("entryless", "exports no folio_plugin_entry"),
        ])
    func sins(name: String, cause: String) throws { #expect(try Self.failure(name) == cause) }

    @Test("that hangs is killed when its time is over")
    func hang() throws { #expect(try Self.failure("hang", limit: 3) == "did not answer within 3 s") }

    @Test("that is not there cannot be loaded")
    func absent() throws {
        let plugin = NativePlugin("/nonexistent/plugin.so", command: [Self.foliofs, "plugin-host"], limit: 20)
        let failure = try #require(throws: NativeFailure.self) { try plugin.ask(Self.question()) }
        #expect(failure.description.hasPrefix("cannot be loaded: /nonexistent/plugin.so"))
        #expect(failure.isLasting)
    }

    @Test("has no capabilities and can gain none")
    func powers() throws {
        #expect(try Self.plugin("powers").ask(Self.question()).source == "6.18 effective 0, no_new_privs 1")
    }

    @Test("that fails rests before it is started again, longer each time, and answers as soon as it is well")
    func rest() throws {
        let clock = Mutex(0.0)
        let plugin = try Self.plugin("crash", now: { clock.withLock { $0 } })
        func cause() throws -> String {
            try #require(throws: NativeFailure.self) { try plugin.ask(Self.question()) }.description
        }
        #expect(try cause() == "crashed: SIGSEGV")
        #expect(try cause() == "rests, having failed once: crashed: SIGSEGV")
        clock.withLock { $0 = 0.11 }
        #expect(try cause() == "crashed: SIGSEGV")
        clock.withLock { $0 = 0.25 }
        #expect(try cause() == "rests, having failed 2 times: crashed: SIGSEGV")
        clock.withLock { $0 = 0.4 }
        #expect(try cause() == "crashed: SIGSEGV")
        #expect(plugin.status().failures == 3)
    }

    @Test("that cannot be started is not tried again")
    func lasting() throws {
        let plugin = try Self.plugin("version")
        for _ in 0..<3 {
            let failure = try #require(throws: NativeFailure.self) { try plugin.ask(Self.question()) }
            #expect(failure.isLasting)
        }
        #expect(plugin.status().failures == 1)
    }

    @Test("leaves others undisturbed when it fails, and its rows speak when it abstains")
    func registry() throws {
        let text = """
            filesystem = "goodfs"
            native = "good.so"
            [[capability]]
            orders = "none"
            aligns_mappings = true
            source = "6.18 fs/good.c"
            confidence = "read"
            """
        let folder = URL(filePath: try Self.library("good")).deletingLastPathComponent().path
        for (name, expected, missing) in [
            ("good", OrderCapability.range(minimum: .zero, maximum: FolioOrder(9)), []),
            ("crash", OrderCapability.unknown, ["plugin.crash.so"]),
        ] {
            _ = try Self.library(name)
            var registry = try CapabilityRegistry(
                natives: NativePlugins { NativePlugin($0, command: [Self.foliofs, "plugin-host"], limit: 20) })
            registry.add(
                try Manifest.parse(text.replacing("good.so", with: name + ".so"), file: folder + "/capability.toml"))
            let question = Self.question()
            let answer = registry.resolve(
                path: "/data/file", filesystem: question.filesystem, file: FileFacts(size: nil), kernel: question.kernel
            ) { _ in nil }
            #expect(answer.capability.orders == expected)
            #expect(answer.capability.missing == missing)
            if name == "crash" { #expect(answer.capability.source.hasSuffix("crash.so crashed: SIGSEGV")) }
            let other = registry.capability(
                filesystem: FilesystemFacts(type: "ramfs"), file: FileFacts(size: nil), kernel: question.kernel)
            #expect(other.orders == OrderCapability.none)
        }
    }

    @Test("frames are read back, and broken ones are none")
    func frames() {
        let fields: [[UInt8]] = [[], [1, 2, 3], Array("hello".utf8)]
        let frame = NativeFrame.encode(fields)
        #expect(NativeFrame.number(frame.prefix(4)) == frame.count - 4)
        #expect(NativeFrame.decode(frame.dropFirst(4)) == fields)
        #expect(NativeFrame.decode(frame.dropFirst(4).dropLast()) == nil)
        #expect(NativeFrame.decode([1, 0, 0]) == nil)
        #expect(NativeFrame.decode([]) == [])
    }
}
