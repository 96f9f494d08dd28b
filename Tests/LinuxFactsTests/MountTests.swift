import LinuxFacts
import SystemPackage
import Testing

@Suite("the mount table")
struct MountTests {
    @Test("a line gives its ids, device, paths, types and options")
    func line() throws {
        let table = MountTable.parse(try Sample.text("mountinfo-6.1.txt"))
        #expect(table.mounts.count == 16)
        let root = try #require(table.mount(id: 26))
        #expect(root.parentID == 1)
        #expect(root.device == DeviceNumber(major: 8, minor: 1))
        #expect(root.mountpoint == "/")
        #expect(root.type == "ext4")
        #expect(root.source == "/dev/sda1")
        #expect(root.options == ["rw": "", "relatime": ""])
        #expect(root.superOptions == ["rw": "", "errors": "remount-ro"])
        #expect(!root.readOnly)
        #expect(table.mount(id: 88)?.superOptions["huge"] == "within_size")
        #expect(table.mount(id: 96)?.root == "/sub")
        #expect(table.mount(id: 96)?.readOnly == true)
    }

    @Test("octal escapes stand for bytes, and an empty source is a field")
    func escapes() throws {
        let table = MountTable.parse(try Sample.text("mountinfo-6.1.txt"))
        #expect(table.mount(id: 91)?.mountpoint == "/mnt/My Disk\ttwo")
        let odd = try #require(table.mount(id: 95))
        #expect(odd.mountpoint == "/mnt/back\\slash")
        #expect(odd.type == "tmpfs")
        #expect(odd.source == "")
    }

    @Test(
        "a path belongs to the mount a path walk ends in",
        arguments: [
            ("/etc/passwd", 26), ("/", 26), ("/sys/kernel/security/x", 27), ("/srv/dataset", 26), ("/srv", 26),
            ("/srv/data/file", 98), ("/srv/data/huge/deep/x", 98), ("/srv/bound/a", 96), ("/mnt/view/../view/a", 92),
        ])
    func containing(path: FilePath, id: Int) throws {
        let table = MountTable.parse(try Sample.text("mountinfo-6.1.txt"))
        #expect(table.mount(containing: path)?.id == id)
    }

    @Test("overlay layers come uppermost first, with colons in names")
    func overlay() throws {
        let table = MountTable.parse(try Sample.text("mountinfo-overlay.txt"))
        let container = OverlayLayers(options: try #require(table.mount(id: 651)).superOptions)
        #expect(
            container.directories == [
                "/var/lib/containers/up/diff", "/var/lib/containers/l/A2", "/var/lib/containers/l/B7",
                "/var/lib/with:colon",
            ])
        #expect(!container.dataMayBeElsewhere)
        let new = OverlayLayers(options: try #require(table.mount(id: 653)).superOptions)
        #expect(new.directories == ["/layers/up", "/layers/one", "/layers/two"])
        #expect(new.dataMayBeElsewhere)
    }

    @Test(
        "what is not a line of mountinfo is left out",
        arguments: [
            "", "26 1 8:1 / / rw", "x 1 8:1 / / rw - ext4 a rw", "26 1 8 / / rw - ext4 a rw", "26 1 8:1 / / rw -",
        ])
    func malformed(line: String) {
        #expect(MountTable.parse(line + "\n").mounts.isEmpty)
    }

    @Test("the caller's own table is read, and has a root")
    func own() throws {
        #expect(try MountTable.read().mount(containing: "/") != nil)
        #expect(throws: LinuxError.self) { try MountTable.read(process: -7) }
    }
}
