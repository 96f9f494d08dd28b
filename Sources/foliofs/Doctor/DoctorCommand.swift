import ArgumentParser

/// `foliofs doctor`: what this machine can and cannot do, and how to get the rest.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine can and cannot do for FolioFS, and how to get the rest.",
        discussion: "Exit code 4 where nothing can be mounted here, else 0.")

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let report = try DoctorReport.read(plugins: plugins.searchPath())
        if json {
            Terminal.print(try JSONText.pretty(report))
        } else {
            Terminal.print(Self.text(report))
        }
        if !report.canMount { throw ExitCode.lacking }
    }

    static func text(_ report: DoctorReport) -> String {
        var table = TextTable("check", "", "found")
        for check in report.checks {
            table.add(check.check, check.ok ? "ok" : "no", check.detail)
            if let advice = check.advice { table.add("", "", "-> " + advice) }
        }
        var routes = TextTable("route", "", "files can be served by it")
        for route in report.routes {
            routes.add(route.route, route.ok ? "ok" : "no", route.detail)
            if let advice = route.advice { routes.add("", "", "-> " + advice) }
        }
        let ending =
            report.canMount
            ? "FolioFS can be mounted here." : "FolioFS cannot be mounted here: see fuse.device and fuse.mount."
        return (table.lines() + [""] + routes.lines() + ["", ending]).joined(separator: "\n")
    }
}
