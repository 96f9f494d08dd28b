import ArgumentParser
import FolioFS

/// `foliofs promotion-worker`: the process that promotes a file for a mount; started by foliofs itself.
struct PromotionWorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promotion-worker", abstract: "The process that promotes a file for a mount; not for people.",
        shouldDisplay: false)

    @Argument(help: "What is to be done, as JSON.")
    var job: String

    func run() throws {
        PromotionWorker.run(job)
    }
}
