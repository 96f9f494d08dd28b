import FolioPolicy
import SystemPackage
import Testing

@testable import LinuxFacts

@Suite("Facts that conditions of capabilities ask about")
struct ConditionFactsTests {
    @Test("an immutable flag older than the boot was there when the inode was read in; a younger one may not have been")
    func immutableAtLoad() {
        #expect(FactReader.immutableAtLoad(["immutable"], changed: 5, loaded: 6) == true)
        #expect(FactReader.immutableAtLoad(["immutable"], changed: 7, loaded: 6) == nil)
        #expect(FactReader.immutableAtLoad(["immutable"], changed: 7, loaded: nil) == nil)
        #expect(FactReader.immutableAtLoad([], changed: 7, loaded: 6) == false)
    }

    @Test("a configuration without EXT2_FS does not have it; where there is none nothing is said")
    func config() {
        #expect(FactReader.completed(["SHMEM": true], hugePages: nil)["EXT2_FS"] == false)
        #expect(FactReader.completed(nil, hugePages: true)["EXT2_FS"] == nil)
    }

    @Test("btrfs says nothing of BTRFS_EXPERIMENTAL before 6.17")
    func experimentalBtrfs() { #expect(FactReader.experimentalBtrfs(KernelVersion(6, 12)) == nil) }
}
