import FolioFS
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
}
