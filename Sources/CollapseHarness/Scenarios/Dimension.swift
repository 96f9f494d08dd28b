import FolioPolicy

extension MappingAdvice: ScenarioValue {}
extension MappingAccess: ScenarioValue {}

/// A respect in which scenarios differ, as data: its name and the words of its values.
package struct Dimension: Sendable {
    /// The key in a case line.
    package let name: String
    /// The values.
    package let words: [String]
    /// The value that a scenario has.
    package let word: @Sendable (Scenario) -> String
    /// Gives a scenario a value; false: there is no such value.
    package let set: @Sendable (inout Scenario, String) -> Bool

    private init<Value: ScenarioValue>(_ name: String, _ path: any WritableKeyPath<Scenario, Value> & Sendable) {
        self.name = name
        words = Value.allCases.map(\.rawValue)
        word = { $0[keyPath: path].rawValue }
        set = { scenario, word in
            guard let value = Value(rawValue: word) else { return false }
            scenario[keyPath: path] = value
            return true
        }
    }

    /// Every dimension besides stage and operation.
    package static let all: [Dimension] = [
        Dimension("file", \.file), Dimension("cache", \.cache), Dimension("opener", \.opener),
        Dimension("protection", \.protection), Dimension("placement", \.placement),
        Dimension("surroundings", \.surroundings), Dimension("advice", \.advice), Dimension("access", \.access),
        Dimension("state", \.state), Dimension("system", \.system),
    ]
}
