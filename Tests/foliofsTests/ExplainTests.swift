import ArgumentParser
import FolioCapability
import FolioPolicy
import Foundation
import Testing

@testable import foliofs

@Suite("explain")
struct ExplainTests {
    private func query(
        _ version: KernelVersion, config: [String: Bool], filesystem: FilesystemFacts, exec: Bool = false
    ) throws -> PolicyQuery {
        let kernel = KernelFacts(version: version, config: config)
        let file = FileFacts(size: 8 << 20, openForWrite: false, dirty: false, inodeFlags: [], executable: true)
        let mapping = MappingFacts(
            address: 0x7f00_0000_0000, offset: 0, length: 8 << 20, exec: exec, touched: true, advice: MappingAdvice.none
        )
        return PolicyQuery(
            kernel: kernel, system: SystemFacts(enabled: .madvise, shmemEnabled: .never), filesystem: filesystem,
            capability: try CapabilityRegistry().capability(filesystem: filesystem, file: file, kernel: kernel),
            file: file, mapping: mapping, operation: .collapse)
    }

    private let ext4 = FilesystemFacts(
        type: "ext4", mountOptions: ["rw": ""], superblockFeatures: ["extent"], blockSize: 4096, readOnly: false)

    @Test("the text answers in words: both halves, the operation and the route")
    func text() throws {
        let query = try query(KernelVersion(6, 18, 44), config: ["READ_ONLY_THP_FOR_FS": false], filesystem: ext4)
        let text = Explanation(path: "/data/a", query: query).text
        #expect(text.hasPrefix("/data/a: 8 MiB, on ext4, Linux 6.18.44\n"))
        #expect(text.contains("May large folios be created for this file?  Yes."))
        #expect(text.contains("By its filesystem: yes, ext4 can hold folios up to order 9"))
        #expect(text.contains("fallback: no, the kernel is built without CONFIG_READ_ONLY_THP_FOR_FS."))
        #expect(text.contains("mapped by a PMD?  No.\n  The call returns EINVAL."))
        #expect(text.contains("mounted by root: native, promoted by refault."))
        #expect(text.contains("\nrule "))
    }

    @Test("an unknown is said with what is missing")
    func unknown() throws {
        let query = try query(KernelVersion(6, 12), config: [:], filesystem: ext4, exec: true)
        let text = Explanation(path: nil, query: query).text
        #expect(text.contains("Not known: config.READ_ONLY_THP_FOR_FS is missing."))
    }

    @Test("a kernel that is given has only the options that are given")
    func anotherKernel() throws {
        let running = KernelFacts(version: KernelVersion(6, 18), config: ["SHMEM": true])
        var options = try KernelOptions.parse(["--kernel", "6.1", "--kernel-config", "CONFIG_READ_ONLY_THP_FOR_FS=y"])
        #expect(options.facts(running: running).config == ["READ_ONLY_THP_FOR_FS": true])
        #expect(options.facts(running: running).version == KernelVersion(6, 1))
        options = try KernelOptions.parse(["--kernel-config", "SHMEM=n"])
        #expect(options.facts(running: running).config == ["SHMEM": false])
        #expect(options.facts(running: running).version == KernelVersion(6, 18))
    }

    @Test("one line of a query is answered by one line")
    func stream() throws {
        let stream = QueryStream(registry: try CapabilityRegistry())
        let line =
            #"{"kernel":"6.12","config":{"READ_ONLY_THP_FOR_FS":true},"operation":"collapse","#
            + #""filesystem":{"type":"ext4","mountOptions":{"data":"ordered"},"superblockFeatures":[],"blockSize":4096},"#
            + #""file":{"size":4194304,"regular":true,"openForWrite":false,"dirty":false,"inodeFlags":[],"#
            + #""compressed":false,"cachedOrders":[0]},"mapping":{"address":"0x7f0000000000","offset":0,"#
            + #""length":4194304,"read":true,"write":false,"exec":true,"shared":false,"touched":true,"advice":"none"},"#
            + #""system":{"enabled":"madvise","shmemEnabled":"never"}}"#
        let answer = try stream.answer(line, number: 1)
        #expect(!answer.contains("\n"))
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        let keys = Set(try #require(object).keys)
        #expect(
            keys.isSuperset(of: [
                "path", "filesystem", "kernel", "operation", "verdict", "orders", "errno", "scanReason", "missing",
                "route", "rules", "chunks", "routeReason", "routeRule", "promotion", "mayCreateLargeFolios",
            ]))
        #expect(object?["verdict"] as? String == "allowed")
        #expect(throws: QueryError.self) { try stream.answer("{", number: 7) }
    }
}
