import Testing

@testable import FolioFS

@Suite("fusermount3")
struct FuseMountProgramTests {
    @Test(
        "user_allow_other counts outside comments",
        arguments: [
            ("user_allow_other\n", true), ("#user_allow_other\n", false), (" user_allow_other # yes\n", true),
            ("", false),
            ("user_allow_others\n", false),
        ])
    func allowOther(text: String, allowed: Bool) {
        #expect(FuseMountProgram.allowsOthers(text) == allowed)
    }
}
