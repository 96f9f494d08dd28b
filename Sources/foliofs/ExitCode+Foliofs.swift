import ArgumentParser

extension ExitCode {
    /// 1: the operation failed.
    static let operationFailed = ExitCode(1)
    /// 2: the arguments make no sense.
    static let usage = ExitCode(2)
    /// 3: the kernel did otherwise than was predicted.
    static let disagreement = ExitCode(3)
    /// 4: this machine lacks something that was asked for.
    static let lacking = ExitCode(4)
}
