/// Whatever a caller says to the control socket or to `foliofs metrics --listen`, it is understood or refused.
///
/// An input is a line for the one, and a request for the other.
@c(LLVMFuzzerTestOneInput)
public func fuzzControlMessages(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    _ = ControlMessage.parse(bytes)
    let answer = MetricsRequest.answer(bytes) { "metrics" }
    guard answer.hasPrefix("HTTP/1.1 "), answer.hasSuffix("metrics") == answer.hasPrefix("HTTP/1.1 200 ") else {
        fatalError("the answer is \(answer)")
    }
    return 0
}
