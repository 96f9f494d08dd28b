import FolioPolicy
import Testing

@testable import foliofs

@Suite("doctor")
struct DoctorTests {
    @Test("every check has a name of its own, and advice exactly where it is not ok")
    func report() throws {
        let report = try DoctorReport.read()
        #expect(Set(report.checks.map(\.check)).count == report.checks.count)
        for check in report.checks { #expect(check.ok == (check.advice == nil), "\(check)") }
        #expect(report.routes.map(\.route) == ["native", "staged", "fallback", "plain"])
        for route in report.routes { #expect(route.ok == (route.advice == nil), "\(route)") }
        let text = DoctorCommand.text(report)
        for check in report.checks { #expect(text.contains(check.check)) }
    }

    @Test("every key is printed, null where there is nothing to say")
    func keys() throws {
        let text = try JSONText.line(DoctorCheck("a", ok: true, "b", advice: "dropped"))
        #expect(text == #"{"advice":null,"check":"a","detail":"b","ok":true}"#)
    }

    @Test("a route is there where one filesystem allows it, and says what stands in the way on the others")
    func routes() {
        let survey = RouteSurvey([
            (RouteSurvey.Place(type: "ext4", mountpoint: "/"), [.staged: "no passthrough"]),
            (
                RouteSurvey.Place(type: "vfat", mountpoint: "/boot"),
                [.native: "small folios", .staged: "no passthrough"]
            ),
        ])
        #expect(survey.answer(.native) == (true, "on ext4 (/); not on vfat (/boot): small folios"))
        #expect(survey.answer(.staged) == (false, "not on ext4 (/), vfat (/boot): no passthrough"))
    }

    @Test(
        "libfuse is wanted from 3.12 on",
        arguments: [("3.14.0", true), ("3.12.0", true), ("3.9.1", false), ("", false)])
    func library(version: String, ok: Bool) {
        #expect(DoctorReport.library(version).ok == ok)
    }

    @Test("mount(8)'s helper is looked for where mount(8) does")
    func helper() {
        let check = DoctorReport.helper(in: ["/nonexistent"])
        #expect(!check.ok && check.advice != nil)
    }

    @Test("CAP_SYS_ADMIN is bit 21, and the initial user namespace maps every id to itself")
    func privileges() {
        let root = Privileges.parse(status: "Name:\tx\nCapEff:\t000001ffffffffff\n", userMap: " 0 0 4294967295\n")
        #expect(root.administrator && root.initialNamespace)
        let user = Privileges.parse(status: "CapEff:\t0000000000000000\n", userMap: " 0 1000 1\n")
        #expect(!user.administrator && !user.initialNamespace)
        let nothing = Privileges.parse(status: "", userMap: "")
        #expect(!nothing.administrator && !nothing.initialNamespace)
    }
}
