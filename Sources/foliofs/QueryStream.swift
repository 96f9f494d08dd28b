import ArgumentParser
import FolioCapability
import FolioPolicy

/// `explain --query -`: a question a line in, a decision a line out, no file touched.
struct QueryStream {
    /// The manifests that say what a filesystem can do.
    let registry: CapabilityRegistry

    /// Answers standard input to its end. An empty line is passed over; one that is no question is answered by
    /// `{"error": …}`, so that answers keep their places.
    /// - Throws: exit code 2 at the end, where some line was no question.
    func run() throws {
        var number = 0
        var wrong = false
        while let line = readLine() {
            number += 1
            if line.allSatisfy(\.isWhitespace) { continue }
            do {
                Terminal.print(try answer(line, number: number))
            } catch let error as QueryError {
                wrong = true
                Terminal.fail(error.description)
                Terminal.print(try JSONText.line(["error": error.description]))
            }
        }
        if wrong { throw ExitCode.usage }
    }

    /// The answer to one line.
    func answer(_ line: String, number: Int) throws -> String {
        let document = try QueryDocument.parse(line, line: number)
        let query = document.query(registry: registry)
        return try JSONText.line(Explanation(path: document.path, query: query).document)
    }
}
