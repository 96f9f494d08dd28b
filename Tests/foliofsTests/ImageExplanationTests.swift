import FolioPolicy
import LinuxFacts
import Testing

@testable import foliofs

@Suite("Which segments PMDs map")
struct ImageExplanationTests {
    /// Headers of constants, text and data of 4 MiB each and a small one, `shift` bytes off in memory.
    private func image(type: UInt64 = 3, machine: UInt64 = 62, shift: UInt64 = 0, interpreter: Bool = true) throws
        -> ELFImage
    {
        func bytes(_ number: UInt64, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
        }
        let mib: UInt64 = 1 << 20
        var image: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        image += bytes(type, 2) + bytes(machine, 2) + bytes(1, 4) + bytes(0, 8) + bytes(64, 8) + bytes(0, 8)
        image += bytes(0, 4) + bytes(64, 2) + bytes(56, 2) + bytes(interpreter ? 5 : 4, 2) + bytes(0, 6)
        var headers: [[UInt64]] = [
            [1, 4, 0, 4 * mib], [1, 5, 4 * mib, 4 * mib], [1, 4, 8 * mib, mib], [1, 6, 10 * mib, 4 * mib],
        ]
        if interpreter { headers.append([3, 4, 0x200, 28]) }
        for header in headers {
            let address = header[2] + 4 * mib + (header[0] == 1 ? shift : 0)
            image +=
                bytes(header[0], 4) + bytes(header[1], 4) + bytes(header[2], 8) + bytes(address, 8) + bytes(address, 8)
            image += bytes(header[3], 8) + bytes(header[3], 8) + bytes(0x1000, 8)
        }
        return try #require(ELFImage.parse(image))
    }

    private func answers(
        _ image: ELFImage, route: Route = .native, promotion: Promotion = .refault, fileSize: Int = 16 << 20
    ) -> [ImageExplanation.Segment] {
        ImageExplanation.segments(
            image, fileSize: fileSize,
            route: RouteDecision(
                route: route, promotion: promotion, alignedExec: true, rule: "route.test", reason: "for a test"),
            geometry: .x86_64)
    }

    @Test("whole chunks of what stays as it is, at congruent addresses", arguments: [62, 183])
    func allowed(machine: UInt64) throws {
        let found = answers(try image(machine: machine))
        #expect(found.map(\.wholeChunks) == [2, 2, 0, 2])
        #expect(found.map(\.verdict) == [.allowed, .allowed, .denied, .denied])
        #expect(found[0].reason.contains("aligned exec view"))
        #expect(found[2].reason.contains("no whole chunk"))
        #expect(found[3].reason.contains("writable"))
        #expect(answers(try image(interpreter: false))[1].reason.contains("FUSE's own alignment"))
        #expect(answers(try image(type: 2))[1].reason.contains("fixed at a congruent address"))
    }

    @Test("what is linked askew, odd, or served without huge folios is not")
    func denied() throws {
        #expect(answers(try image(shift: 0x1000))[1].reason.contains("differ modulo 2 MiB"))
        #expect(answers(try image(machine: 3))[1].reason.contains("e_machine"))
        #expect(answers(try image(), fileSize: 5 << 20)[1].reason.contains("beyond the file"))
        for (route, promotion) in [(Route.plain, Promotion.none), (.native, .none), (.fallback, .collapse)] {
            let found = answers(try image(), route: route, promotion: promotion)
            #expect(found[1].verdict == .denied, "\(route)")
        }
        #expect(answers(try image(type: 2), route: .fallback, promotion: .collapse)[1].verdict == .allowed)
        #expect(answers(try image(), route: .staged, promotion: .none)[1].verdict == .allowed)
    }
}
