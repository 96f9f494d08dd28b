/// A request by HTTP for metrics: `GET /metrics`.
enum MetricsRequest {
    /// The answer to a request, of which only the first line counts.
    static func answer(_ request: [UInt8], _ metrics: () -> String) -> String {
        let line = request.prefix { $0 != 0x0d && $0 != 0x0a }
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
            return response("400 Bad Request", "not HTTP/1\n")
        }
        guard words[0] == "GET" else { return response("405 Method Not Allowed", "GET alone\n") }
        guard words[1].prefix(while: { $0 != "?" }) == "/metrics" else {
            return response("404 Not Found", "see /metrics\n")
        }
        return response("200 OK", metrics())
    }

    private static func response(_ status: String, _ body: String) -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n" + body
    }
}
