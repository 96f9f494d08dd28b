import Testing

@testable import foliofs

@Suite("doctor")
struct DoctorTests {
    @Test("every check has a name of its own, and advice exactly where it is not ok")
    func report() throws {
        let report = try DoctorReport.read()
        #expect(Set(report.checks.map(\.check)).count == report.checks.count)
        for check in report.checks { #expect(check.ok == (check.advice == nil), "\(check)") }
        let text = DoctorCommand.text(report)
        for check in report.checks { #expect(text.contains(check.check)) }
    }

    @Test("every key is printed, null where there is nothing to say")
    func keys() throws {
        let text = try JSONText.line(DoctorCheck("a", ok: true, "b", advice: "dropped"))
        #expect(text == #"{"advice":null,"check":"a","detail":"b","ok":true}"#)
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
