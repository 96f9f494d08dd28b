// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let strictC: [CSetting] = [.treatAllWarnings(as: .error), .define("_GNU_SOURCE")]

/// Told by the Makefile, so that `foliofs --version` has it.
let commit = Context.environment["FOLIOFS_COMMIT"] ?? "unknown"

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let toml: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")

let targets: [Target] = [
    .systemLibrary(name: "CFuse3", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
    .target(name: "CLinuxShims", cSettings: strictC),
    .target(name: "CVersion", cSettings: strictC + [.define("FOLIOFS_COMMIT", to: "\"\(commit)\"")]),
    .target(name: "FolioPolicy", swiftSettings: strict),
    .target(name: "LinuxFacts", dependencies: ["CLinuxShims", "FolioPolicy", system], swiftSettings: strict),
    .executableTarget(name: "embed-manifests", path: "BuildTools/embed-manifests", swiftSettings: strict),
    .plugin(
        name: "EmbedManifests", capability: .buildTool(), dependencies: ["embed-manifests"],
        path: "BuildTools/EmbedManifests"),
    .target(name: "CFolioPlugin", cSettings: strictC),
    .target(name: "FolioPluginKit", dependencies: ["CFolioPlugin"], swiftSettings: strict),
    .target(
        name: "OverlayPlugin", dependencies: ["CFolioPlugin", "FolioPluginKit", "LinuxFacts", system],
        path: "Plugins/overlay", exclude: ["capability.toml"], swiftSettings: strict),
    .target(
        name: "FusePlugin", dependencies: ["CFolioPlugin", "FolioPluginKit", "LinuxFacts", system],
        path: "Plugins/fuse", exclude: ["capability.toml"], swiftSettings: strict),
    .target(
        name: "FolioCapability", dependencies: ["CFolioPlugin", "CLinuxShims", "FolioPolicy", system, toml],
        swiftSettings: strict,
        plugins: ["EmbedManifests"]),
    .target(
        name: "FolioConfiguration", dependencies: ["FolioCapability", "FolioPolicy", "LinuxFacts", system],
        swiftSettings: strict),
    .target(name: "FuseServer", dependencies: ["CFuse3", "CLinuxShims", system], swiftSettings: strict),
    .target(
        name: "FolioFS",
        dependencies: [
            "FuseServer", "FolioPolicy", "FolioCapability", "LinuxFacts", "CLinuxShims", system, logging,
        ],
        swiftSettings: strict),
    .target(
        name: "CollapseHarness",
        dependencies: ["FolioPolicy", "FolioCapability", "LinuxFacts", "CLinuxShims", system], swiftSettings: strict),
    .executableTarget(
        name: "foliofs",
        dependencies: [
            "FolioFS", "FuseServer", "CollapseHarness", "FolioConfiguration", "FolioPolicy", "FolioCapability",
            "LinuxFacts", "CLinuxShims", "CVersion", "OverlayPlugin", "FusePlugin", arguments, logging, system,
        ],
        swiftSettings: strict),
    // The examples see what other packages see.
    .executableTarget(
        name: "MemoryFilesystem", dependencies: ["FuseServer", system], path: "examples/MemoryFilesystem",
        packageAccess: false, swiftSettings: strict),
    .executableTarget(
        name: "ArchiveFilesystem", dependencies: ["FuseServer", system], path: "examples/ArchiveFilesystem",
        packageAccess: false, swiftSettings: strict),
    .executableTarget(
        name: "PolicyQuestion", dependencies: ["FolioPolicy"], path: "examples/PolicyQuestion", packageAccess: false,
        swiftSettings: strict),
    .executableTarget(
        name: "KernelTable", dependencies: ["FolioPolicy"], path: "examples/KernelTable", packageAccess: false,
        swiftSettings: strict),
    .executableTarget(
        name: "foliofs-mount-tests", dependencies: ["FolioPolicy", "LinuxFacts", "CLinuxShims", system],
        path: "MountTests", swiftSettings: strict),
    .executableTarget(
        name: "foliofs-policy-bench", dependencies: ["FolioCapability", "FolioPolicy"], path: "Benchmarks/policy",
        swiftSettings: strict),
    .executableTarget(
        name: "foliofs-twin", dependencies: ["CLinuxShims"], path: "TwinTest", swiftSettings: strict),
    .testTarget(name: "FolioPolicyTests", dependencies: ["FolioPolicy"], swiftSettings: strict),
    .testTarget(
        name: "LinuxFactsTests", dependencies: ["LinuxFacts", "FolioPolicy"], resources: [.copy("Samples")],
        swiftSettings: strict),
    .testTarget(
        name: "FolioCapabilityTests", dependencies: ["FolioCapability", "FolioPolicy", system],
        exclude: ["Mistakes", "Sins"], resources: [.copy("Decisions")], swiftSettings: strict),
    .testTarget(
        name: "FolioConfigurationTests",
        dependencies: ["FolioConfiguration", "FolioCapability", "FolioPolicy", system],
        exclude: ["Mistakes"], swiftSettings: strict),
    .testTarget(name: "FuseServerTests", dependencies: ["FuseServer", "CFuse3", system], swiftSettings: strict),
    .testTarget(
        name: "FolioFSTests", dependencies: ["FolioFS", "FuseServer", "CFuse3", "CLinuxShims", system],
        swiftSettings: strict),
    .testTarget(
        name: "CollapseHarnessTests", dependencies: ["CollapseHarness", "FolioPolicy", "LinuxFacts"],
        swiftSettings: strict),
    .testTarget(
        name: "foliofsTests", dependencies: ["foliofs", "FolioCapability", "FolioPolicy", "LinuxFacts", system],
        exclude: ["Facts"],
        swiftSettings: strict),
]

let package = Package(
    name: "foliofs",
    products: [
        .library(name: "FuseServer", targets: ["FuseServer"]), .library(name: "FolioPolicy", targets: ["FolioPolicy"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: targets,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu11,
    cxxLanguageStandard: .cxx17
)
