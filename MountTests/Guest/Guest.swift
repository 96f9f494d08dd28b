import Glibc

/// A virtual machine for one script: boots a kernel in qemu, without KVM, with nothing but an initramfs.
///
/// The initramfs holds busybox, foliofs, the programs that the script wants, and the libraries that ldd names for them. The
/// script runs as root in /mnt, a tmpfs; what it prints comes back over the second serial port, what the kernel says
/// over the first. There are two processors unless more or fewer are asked for, 3 GiB, loop devices, no disk, and no network but lo.
/// The kernel does not check its timer, which on a machine that is busy may fail and end it.
struct Guest {
    let bench: Workbench
    let kernel: GuestKernel
    /// Programs besides foliofs and busybox, found on PATH.
    var programs: [String] = []
    /// How many processors it has; emulated ones, each of which takes one of the machine's.
    var processors = 2

    /// All that qemu can emulate, without what takes it long: string instructions of any length (erms, fsrm), with which the kernel
    /// copies and clears byte by byte here, page tables of five levels, and a check of each access to user memory. With it
    /// and mitigations=off a collapse takes half the time (6.12: 137 scenarios in 11 s, before in 22).
    private static let processor = "max,-erms,-fsrm,-la57,-smap"

    /// Where what the script prints comes to, while it runs.
    var output: String { bench.directory + "/guest.output" }

    /// Boots, runs a script, and collects what it says and the exit code of its last command.
    /// - Parameters:
    ///   - script: for busybox's sh.
    ///   - limit: seconds until qemu is killed; booting takes about 6.
    /// - Throws: `Skip` where qemu or a program is missing; `Failure` with the end of what script and kernel said where
    ///   the script did not come to its end.
    func run(_ script: String, limit: Double) throws -> Outcome {
        let machine = "qemu-system-x86_64"
        let missing = try (programs + [machine, "cpio", "busybox"]).filter {
            try bash("command -v \($0)").status != 0
        }
        guard missing.isEmpty else {
            throw Skip("no \(missing.joined(separator: ", ")); make deps and make kernels install them")
        }
        let initramfs = try makeInitramfs(script)
        let console = bench.directory + "/guest.console"
        func ending(_ said: String = "") -> Failure {
            let ends = [output, console].map { (readText($0) ?? "").suffix(1500) }.joined(separator: "\n")
            return Failure("\(kernel.name) ended before the script did: \(said)\n\(ends)")
        }
        let outcome: Outcome
        do {
            outcome = try runProgram(
                [
                    machine, "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", Self.processor, "-m", "3072", "-smp",
                    "\(processors)",
                    "-display", "none", "-nodefaults", "-no-reboot", "-serial", "file:" + console, "-serial",
                    "file:" + output, "-kernel", kernel.image, "-initrd", initramfs, "-append",
                    "console=ttyS0 quiet panic=-1 no_timer_check mitigations=off",
                ], timeout: limit)
        } catch let failure as Failure {
            throw ending(failure.reason)
        }
        var lines = (readText(output) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        // The last line is empty: after the newline.
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard let last = lines.popLast(), last.hasPrefix(Self.mark), let status = Int32(last.dropFirst(Self.mark.count))
        else { throw ending(outcome.text) }
        return Outcome(status: status, output: Array(lines.joined(separator: "\n").utf8))
    }

    /// What stands before the exit code in the last line.
    private static let mark = "exit of the script: "

    /// Packs an initramfs, gzip'd, in the case's directory.
    private func makeInitramfs(_ script: String) throws -> String {
        let tree = try bench.make("initramfs")
        try write(script + "\n", to: tree + "/script")
        try write(Self.start, to: tree + "/init")
        try require(
            """
            mkdir -p bin lib64 dev proc sys tmp mnt run etc var/lib/nfs
            cp "$(command -v busybox)" bin/busybox
            strip -o bin/foliofs "$FOLIOFS"
            for program in $PROGRAMS; do cp -L "$(command -v $program)" bin/; done
            for program in bin/*; do ldd $program || true; done 2>/dev/null | grep -oE '/[^ ]+' | sort -u | while read -r file; do
                mkdir -p ".$(dirname $file)"
                cp -L $file .$file
            done
            chmod 755 init
            find . | cpio -o -H newc --quiet | gzip -1 > ../initramfs.gz
            """, in: tree, environment: ["FOLIOFS": bench.foliofs, "PROGRAMS": programs.joined(separator: " ")])
        return bench.directory + "/initramfs.gz"
    }

    private func write(_ text: String, to path: String) throws {
        try require("cat > \"$P\" <<'END OF FILE'\n\(text)\nEND OF FILE", environment: ["P": path])
    }

    /// The guest's first process. It ends the machine by a reboot, at which qemu exits; without ACPI there is no way to
    /// power off. khugepaged sleeps until a case wakes it: what it does depends on time.
    private static let start = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        mount -t proc proc /proc
        mount -t sysfs sysfs /sys
        mount -t devtmpfs devtmpfs /dev
        mount -t tmpfs -o size=2g tmpfs /mnt
        echo 4000000000 > /sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs
        stty -F /dev/ttyS1 raw -echo
        ifconfig lo 127.0.0.1 up 2>/dev/null
        ulimit -n 65536
        touch /etc/mtab
        export HOME=/ PATH=/bin SWIFT_BACKTRACE=enable=no
        cd /mnt
        # By a pipe, so that no program takes the port for a terminal.
        { sh /script; echo $? >/status; } 2>&1 </dev/null | cat >/dev/ttyS1
        printf '\\n\(mark)%s\\n' "$(cat /status)" >/dev/ttyS1
        reboot -f
        """
}

/// The global `run`, which a method of that name hides.
private func runProgram(_ arguments: [String], timeout: Double) throws -> Outcome {
    try run(arguments, timeout: timeout)
}
