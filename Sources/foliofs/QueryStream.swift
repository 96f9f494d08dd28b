import ArgumentParser
import FolioCapability
import FolioPolicy
import Glibc

/// `explain --query -`: a question a line in, a decision a line out, no file touched.
///
/// Answers are written when what has been read is answered, so that who asks line by line is answered line by line.
struct QueryStream {
    /// The manifests that say what a filesystem can do.
    let registry: CapabilityRegistry

    /// Bytes read at a time, and about the most that are answered before they are written.
    private static let blockSize = 1 << 18

    /// Answers standard input to its end. An empty line is passed over; one that is no question is answered by
    /// `{"error": …}`, so that answers keep their places.
    /// - Throws: exit code 2 at the end, where some line was no question.
    func run() throws {
        var input: [UInt8] = []
        var answers = JSONBuffer(capacity: 2 * Self.blockSize)
        var number = 0
        var wrong = false
        var ended = false
        while !ended {
            ended = Self.read(into: &input) == 0
            if ended, input.last != nil, input.last != UInt8(ascii: "\n") { input.append(UInt8(ascii: "\n")) }
            var start = 0
            input.withUnsafeBufferPointer { bytes in
                while let end = Self.lineEnd(bytes, from: start) {
                    number += 1
                    let line = UnsafeBufferPointer(rebasing: bytes[start..<end])
                    start = end + 1
                    wrong = answer(line, number, &answers) || wrong
                    if answers.count >= Self.blockSize { Self.write(&answers) }
                }
            }
            input.removeFirst(start)
            Self.write(&answers)
        }
        if wrong { throw ExitCode.usage }
    }

    /// The answer to one line.
    func answer(_ line: String, number: Int) throws(QueryError) -> String {
        let document = try QueryDocument.parse(line, line: number)
        return Explanation(path: document.path, query: document.query(registry: registry)).document.json
    }

    /// - Returns: whether the line was no question.
    private func answer(_ line: UnsafeBufferPointer<UInt8>, _ number: Int, _ answers: inout JSONBuffer) -> Bool {
        if line.allSatisfy({ $0 == UInt8(ascii: " ") || ($0 >= 9 && $0 <= 13) }) { return false }
        defer { answers.append(UInt8(ascii: "\n")) }
        do {
            let document = try QueryDocument.parse(buffer: line, line: number)
            let query = document.query(registry: registry)
            Explanation(path: document.path, query: query).document.write(to: &answers)
            return false
        } catch {
            Terminal.fail(error.description)
            answers.append("{\"error\":")
            answers.append(string: error.description)
            answers.append("}")
            return true
        }
    }

    private static func lineEnd(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let base = bytes.baseAddress, start < bytes.count,
            let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// - Returns: bytes read; 0 at the end, or where standard input cannot be read.
    private static func read(into input: inout [UInt8]) -> Int {
        let before = input.count
        input.append(contentsOf: repeatElement(0, count: blockSize))
        var count = -1
        repeat {
            count = input.withUnsafeMutableBytes { bytes in
                Glibc.read(STDIN_FILENO, bytes.baseAddress.map { $0 + before }, blockSize)
            }
        } while count < 0 && errno == EINTR
        input.removeLast(blockSize - max(count, 0))
        return max(count, 0)
    }

    /// Writes the answers, and forgets them. A reader that has gone away is not an error.
    private static func write(_ answers: inout JSONBuffer) {
        Terminal.write(answers.bytes, STDOUT_FILENO)
        answers.removeAll()
    }
}
