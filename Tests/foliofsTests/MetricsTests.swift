import FolioFS
import Foundation
import FuseServer
import Testing

@testable import foliofs

@Suite("metrics")
struct MetricsTests {
    @Test(
        "metrics are answered on sockets of the file system and on this machine's own addresses alone",
        arguments: [
            ("unix:/run/x", true), ("127.0.0.1:9464", true), ("127.1.2.3:80", true), ("[::1]:9464", true),
            ("unix:x", false),
            ("unix:", false), ("0.0.0.0:9464", false), ("10.0.0.1:9464", false), ("[::]:9464", false),
            ("localhost:9464", false),
            ("127.0.0.1", false), ("127.0.0.1:0", false), ("127.0.0.1:70000", false), (":9464", false), ("", false),
        ])
    func addresses(text: String, isTaken: Bool) {
        #expect((MetricsAddress(text) != nil) == isTaken)
    }

    @Test(
        "only GET /metrics by HTTP/1 is answered with metrics",
        arguments: [
            ("GET /metrics HTTP/1.1\r\n\r\n", "200"), ("GET /metrics?x=1 HTTP/1.0\r\n\r\n", "200"),
            ("GET / HTTP/1.1\r\n\r\n", "404"), ("POST /metrics HTTP/1.1\r\n\r\n", "405"),
            ("GET /metrics\r\n\r\n", "400"),
            ("", "400"), ("\r\n", "400"), ("GET  /metrics HTTP/1.1\r\n\r\n", "400"),
        ])
    func requests(request: String, status: String) {
        let answer = MetricsRequest.answer(Array(request.utf8)) { "body\n" }
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.hasSuffix("\r\n\r\nbody\n") == (status == "200"))
    }

    @Test("a mount whose server does not answer is down, and says nothing else")
    func down() {
        #expect(
            MetricsText([("/mnt/a \"b\"\\", nil)]).text == """
                # HELP foliofs_up Whether the server of the mount answers.
                # TYPE foliofs_up gauge
                foliofs_up{mountpoint="/mnt/a \\"b\\"\\\\"} 0

                """)
    }

    /// What a mount says that has answered `requests`.
    private func document(_ requests: [String: RequestHistogram]) throws -> StatusDocument {
        let said = String(decoding: try JSONEncoder().encode(requests), as: UTF8.self)
        return try JSONDecoder().decode(
            StatusDocument.self,
            from: Data(
                """
                {"mountpoint": "/mnt", "source": "/src", "routes": {}, "configuration": {}, "rules": [], "pmdMappedBytes": 0,
                 "stagedBytes": 0, "stageLimit": 0, "promotionsPending": 0, "promotionsWatched": 0, "inodes": 1, "passthrough": true,
                 "recovery": {"supervised": false, "daemons": 1}, "watch": [], "counters": {}, "requests": \(said)}
                """.utf8))
    }

    @Test("requests are a histogram of growing buckets in seconds")
    func requests() throws {
        let lookups = RequestHistogram(
            buckets: [2, 0, 5] + Array(repeating: 0, count: 22) + [1], nanoseconds: 17_000_000_042)
        let lines = MetricsText([("/mnt", try document(["lookup": lookups]))]).text.split(separator: "\n")
        let name = "foliofs_request_duration_seconds"
        let operation = #"{mountpoint="/mnt",operation="lookup""#
        #expect(lines.contains("# TYPE \(name) histogram"))
        #expect(
            lines.filter { $0.hasPrefix(name) && !$0.contains("e=\"0.00") } == [
                "\(name)_bucket\(operation),le=\"0.016384\"} 7", "\(name)_bucket\(operation),le=\"0.032768\"} 7",
                "\(name)_bucket\(operation),le=\"0.065536\"} 7", "\(name)_bucket\(operation),le=\"0.131072\"} 7",
                "\(name)_bucket\(operation),le=\"0.262144\"} 7", "\(name)_bucket\(operation),le=\"0.524288\"} 7",
                "\(name)_bucket\(operation),le=\"1.048576\"} 7", "\(name)_bucket\(operation),le=\"2.097152\"} 7",
                "\(name)_bucket\(operation),le=\"4.194304\"} 7", "\(name)_bucket\(operation),le=\"8.388608\"} 7",
                "\(name)_bucket\(operation),le=\"16.777216\"} 7", "\(name)_bucket\(operation),le=\"+Inf\"} 8",
                "\(name)_sum\(operation)} 17.000000042", "\(name)_count\(operation)} 8",
            ])
        #expect(lines.contains("\(name)_bucket\(operation),le=\"0.000001\"} 2"))
        #expect(lines.contains("\(name)_bucket\(operation),le=\"0.000004\"} 7"))
    }

    @Test("top shows the three operations of which most came since the look before")
    func busiest() throws {
        let before = try document([
            "lookup": RequestHistogram(buckets: [100]), "open": RequestHistogram(buckets: [5]),
        ])
        let now = try document([
            "lookup": RequestHistogram(buckets: [100, 0, 3]), "open": RequestHistogram(buckets: [5]),
            "read": RequestHistogram(buckets: Array(repeating: 0, count: 11) + [98, 2]),
            "release": RequestHistogram(buckets: [1]), "flush": RequestHistogram(buckets: [2]),
        ])
        let shown = MountActivity(now: now, before: before, seconds: 2).lines(columns: 100, colours: false)
        #expect(
            shown.suffix(4) == [
                "  requests      211 (+53.0/s)", "    read        50.0/s, median ≤ 2.0 ms, 99 % ≤ 4.1 ms",
                "    lookup      1.5/s, median ≤ 4 µs, 99 % ≤ 4 µs",
                "    flush       1.0/s, median ≤ 1 µs, 99 % ≤ 1 µs",
            ])
        let first = MountActivity(now: before, before: nil, seconds: 1).lines(columns: 100, colours: false)
        #expect(
            first.suffix(3) == [
                "  requests      105", "    lookup      100, median ≤ 1 µs, 99 % ≤ 1 µs",
                "    open        5, median ≤ 1 µs, 99 % ≤ 1 µs",
            ])
    }
}
