/// Finds the word that was probably meant.
enum NearestWord {
    /// The word among `words` that `word` is the nearest to, if it is near: at most two letters, and less than half of it,
    /// differ; nil: none is.
    static func find(_ word: String, among words: [String]) -> String? {
        let limit = min(2, max(1, word.count / 3))
        let best = words.map { (word: $0, distance: distance(word.lowercased(), $0.lowercased())) }
            .min { $0.distance < $1.distance }
        guard let best, best.distance <= limit else { return nil }
        return best.word
    }

    /// How many letters must be put in, taken out or exchanged to make one word of the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var row = Array(0...right.count)
        for (place, letter) in left.enumerated() {
            var next = [place + 1]
            for (column, other) in right.enumerated() {
                next.append(min(row[column] + (letter == other ? 0 : 1), row[column + 1] + 1, next[column] + 1))
            }
            row = next
        }
        return row[right.count]
    }
}
