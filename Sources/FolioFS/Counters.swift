/// What has happened since the mount began; keys of `status --json`.
struct Counters: Codable, Sendable {
    var opens = 0
    var staged = 0
    var promotions = 0
    var promotedBytes = 0
    var refreshed = 0
    var mirroredWrites = 0
    var stagingRefusals = 0
    var alignedExecs = 0
}
