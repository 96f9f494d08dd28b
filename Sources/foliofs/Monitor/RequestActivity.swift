import FolioFS
import FuseServer

/// What a mount has answered since an earlier look, or since it began.
struct RequestActivity {
    /// One operation of those.
    struct Operation {
        let name: String
        let requests: RequestHistogram

        var count: Int { Int(requests.count) }

        /// "median ≤ 8 µs, 99 % ≤ 64 µs".
        var latency: String {
            "median \(Self.text(requests.quantile(0.5))), 99 % \(Self.text(requests.quantile(0.99)))"
        }

        /// A limit in microseconds; nil: the time is beyond the highest.
        private static func text(_ microseconds: UInt64?) -> String {
            guard let microseconds else { return "> 16 s" }
            if microseconds < 1000 { return "≤ \(microseconds) µs" }
            let (tenths, unit) =
                microseconds < 1_000_000 ? ((microseconds + 50) / 100, "ms") : ((microseconds + 50_000) / 100_000, "s")
            return "≤ \(tenths / 10).\(tenths % 10) \(unit)"
        }
    }

    /// The operations of which there were any, the busiest first.
    let operations: [Operation]

    /// What `now` has more than `before`; nil: everything.
    init(_ now: StatusDocument, since before: StatusDocument? = nil) {
        operations = now.requests.map { name, requests in
            Operation(name: name, requests: before?.requests[name].map(requests.since) ?? requests)
        }.filter { $0.count > 0 }.sorted {
            ($0.count, $1.name) > ($1.count, $0.name)
        }
    }

    /// All of them together.
    var count: Int { operations.reduce(0) { $0 + $1.count } }
}
