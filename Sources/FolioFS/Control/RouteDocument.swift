/// How a mount serves one file.
package struct RouteDocument: Codable, Sendable {
    /// The route.
    package var route: String?
    /// Why.
    package var reason: String?
    /// Why it could not be told, in one line.
    package var error: String?
}
