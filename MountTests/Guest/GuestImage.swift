/// A filesystem that is made and probed in a guest.
struct GuestImage: Sendable {
    let name: String
    /// The programs that make it.
    let programs: [String]
    /// Makes it, mounts it at `$name`, and says what is to be probed where that is not `$name` itself; for busybox's sh.
    let script: String

    /// A loop image.
    private static func image(
        _ name: String, _ mebibytes: Int, _ program: String, _ options: String = "", type: String? = nil
    ) -> GuestImage {
        GuestImage(
            name: name, programs: [program],
            script: "truncate -s \(mebibytes)M \(name).img && \(program) \(options) \(name).img >log 2>&1 "
                + "&& mount -t \(type ?? name) -o loop \(name).img \(name)")
    }

    /// An image of a directory with a large file, which nobody can write.
    private static func archive(_ name: String, _ program: String, _ command: String) -> GuestImage {
        GuestImage(
            name: name, programs: [program],
            script: "mkdir -p tree && head -c 9000000 /dev/urandom > tree/big && \(command) >log 2>&1 "
                + "&& mount -t \(name) -o loop,ro \(name).img \(name)")
    }

    static let writable = [
        image("vfat", 64, "mkfs.vfat"), image("exfat", 64, "mkfs.exfat"), image("ntfs3", 64, "mkfs.ntfs", "-F -q"),
        image("udf", 64, "mkudffs", "-b 2048"), image("jfs", 64, "mkfs.jfs", "-q"),
        image("nilfs2", 192, "mkfs.nilfs2", "-q"), image("minix", 40, "mkfs.minix"),
        image("ext2", 64, "mkfs.ext2", "-q"),
    ]

    static let archives = [
        archive("iso9660", "genisoimage", "genisoimage -quiet -o iso9660.img tree"),
        archive("cramfs", "mkfs.cramfs", "mkfs.cramfs tree cramfs.img"),
        archive("romfs", "genromfs", "genromfs -d tree -f romfs.img"),
    ]

    /// What is written before it is immutable, so that the flag is older than the mount that is probed. Read-only, so
    /// that the probe takes that file and makes none.
    static let f2fs = [
        GuestImage(
            name: "f2fs-immutable", programs: ["mkfs.f2fs", "chattr"],
            script: "truncate -s 128M immutable.img && mkfs.f2fs -f immutable.img >log 2>&1 "
                + "&& mount -t f2fs -o loop immutable.img f2fs-immutable && head -c 9000000 /dev/urandom > f2fs-immutable/big "
                + "&& chattr +i f2fs-immutable/big && umount f2fs-immutable && sleep 2 "
                + "&& mount -t f2fs -o loop,ro immutable.img f2fs-immutable"),
        image("f2fs", 128, "mkfs.f2fs", "-f"),
    ]

    /// NFS 4.2 from a server in the guest itself. Its grace period, in which clients of a server that was started again
    /// claim what they had, is as short as can be: ten seconds.
    static let nfs = [
        GuestImage(
            name: "nfs", programs: ["mkfs.ext4", "rpc.nfsd", "rpc.mountd", "exportfs"],
            script: """
                mkdir -p exported /var/lib/nfs/v4recovery && touch /var/lib/nfs/etab /var/lib/nfs/rmtab
                echo 'nfs 2049/tcp' > /etc/services
                printf 'tcp 6 TCP\nudp 17 UDP\n' > /etc/protocols
                printf 'tcp tpi_cots_ord v inet tcp - -\nudp tpi_clts v inet udp - -\n' > /etc/netconfig
                echo '/mnt/exported *(rw,no_root_squash,insecure,no_subtree_check,fsid=0)' > /etc/exports
                truncate -s 200M exported.img && mkfs.ext4 -q exported.img && mount -t ext4 -o loop exported.img exported \
                    && mount -t nfsd nfsd /proc/fs/nfsd && exportfs -ra && rpc.mountd -N 3 >log 2>&1 \
                    && rpc.nfsd -N 3 --no-udp -G 10 -L 10 2 >>log 2>&1 \
                    && mount -t nfs4 -o vers=4.2,addr=127.0.0.1,clientaddr=127.0.0.1 127.0.0.1:/ nfs
                """)
    ]

    /// Makes each in one guest and has `foliofs probe` hold its claims against it.
    static func probe(_ images: [GuestImage], on kernels: [String], _ bench: Workbench) throws {
        let kernel = try GuestKernel.find(kernels)
        let guest = Guest(
            bench: bench, kernel: kernel, programs: Array(Set(images.flatMap(\.programs))).sorted())
        let steps = images.map { image in
            """
            echo "==== \(image.name)"
            mkdir -p \(image.name)
            { \(image.script)
            } && foliofs probe \(image.name) --json || { echo "exit $?"; cat log; }
            """
        }
        let outcome = try guest.run(
            "mount -t fusectl fusectl /sys/fs/fuse/connections\n" + steps.joined(separator: "\n"), limit: 280)
        let reports = GuestText.sections(outcome.text)
        for image in images {
            let said = reports[image.name] ?? "nothing"
            let report: JSON
            do {
                report = try JSON(said)
            } catch {
                throw Failure("\(image.name): \(said.suffix(1500))")
            }
            try report.requireKeys("filesystem claims checked disagreements", of: "probe of \(image.name)")
            try expectEqual(report["disagreements"]?.array ?? [.null], [], "disagreements of \(image.name)")
            let type = report["filesystem"]?.string
            try expect(
                image.name.hasPrefix(type ?? "?") || type == "nfs4", "\(image.name) is \(type ?? "of no type"): \(said)"
            )
            let checked = Int(report["checked"]?.number ?? 0)
            try expect(checked >= 6, "\(image.name): only \(checked) claims were measured: \(said)")
            let orders = report["claims"]?.array?.first { $0["key"]?.string == "orders" }
            note("\(image.name) holds \(orders?["measured"]?.string ?? "?"), \(checked) agree")
        }
    }
}
