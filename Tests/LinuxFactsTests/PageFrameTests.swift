import FolioPolicy
import Foundation
import LinuxFacts
import SystemPackage
import Testing

@Suite("physical frames, folios and residency")
struct PageFrameTests {
    @Test("a pagemap entry has a frame only where a page is present and the kernel shows its number")
    func entries() {
        #expect(PageFrames.frame(ofEntry: 1 << 63 | 0x1234) == 0x1234)
        #expect(PageFrames.frame(ofEntry: 1 << 63 | 1 << 55 | 0x1234) == 0x1234)
        #expect(PageFrames.frame(ofEntry: 1 << 63) == nil)
        #expect(PageFrames.frame(ofEntry: 1 << 62 | 0x1234) == nil)
        #expect(PageFrames.frame(ofEntry: 0x1234) == nil)
    }

    /// Frames 8 to 11 are a folio of order 2, 12 one of order 0, 16 to 31 one of order 4.
    private func flags(_ frame: UInt64) -> PageFrame.Flags? {
        switch frame {
        case 8, 16: .compoundHead
        case 9...11, 17...31: .compoundTail
        case ..<32: []
        default: nil
        }
    }

    @Test("any page of a folio gives its head and order", arguments: [UInt64](0..<34))
    func folios(frame: UInt64) {
        let folio = PageFrames.folio(of: frame, maximum: FolioOrder(9), flags: flags)
        switch frame {
        case 8...11: #expect(folio == (8, FolioOrder(2)))
        case 16...31: #expect(folio == (16, FolioOrder(4)))
        default: #expect(folio == (frame, .zero))
        }
    }

    @Test("a range of addresses knows what is in it")
    func ranges() {
        let range = AddressRange(0x1000, 0x3000)
        #expect(range.length == 0x2000 && range.description == "1000-3000")
        #expect(range.contains(AddressRange(0x2000, 0x3000)) && !range.contains(AddressRange(0x2000, 0x4000)))
        #expect(range.overlaps(AddressRange(0x2fff, 0x9000)) && !range.overlaps(AddressRange(0x3000, 0x9000)))
        #expect(AddressRange(5, 1).length == 0)
    }

    @Test("a file just written is in the page cache, page by page")
    func residency() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("residency-\(UUID().uuidString)").path
        #expect(FileManager.default.createFile(atPath: path, contents: Data(count: 10_000)))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        defer { try? file.close() }
        let pages = (10_000 + Int(getpagesize()) - 1) / Int(getpagesize())
        #expect(try CacheResidency.read(file).cached == pages)
        #expect(try CacheResidency.presence(file) == Array(repeating: true, count: pages))
        #expect(try CacheResidency.presence(file, offset: 1 << 30).isEmpty)
    }
}
