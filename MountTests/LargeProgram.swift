/// A program of our own with 6 MiB of text, of which it reads every page before it says what of that is mapped by PMDs.
///
/// Its arguments are how often `spin` is called (1), and any second one to wait for a line on standard input before it ends.
enum LargeProgram {
    /// How it is linked, with the compiler's options.
    enum Kind: String, CaseIterable {
        case positionIndependent = "-pie -fPIE"
        case fixed = "-no-pie"
        case fixedStatic = "-static -no-pie"
        case positionIndependentStatic = "-static-pie -fPIE"
    }

    /// Compiles and links it.
    static func build(_ kind: Kind, at path: String) throws {
        guard try bash("command -v cc").status == 0 else { throw Skip("no C compiler; make deps installs gcc") }
        try require(
            "printf '%s' \"$SOURCE\" > \"$P.c\"; cc -O1 -g \(kind.rawValue) -o \"$P\" \"$P.c\"; rm \"$P.c\"; sync \"$P\"",
            environment: ["P": path, "SOURCE": source])
    }

    /// Bytes of whole chunks of the text that `explain --exec` foretells to be mapped by PMDs.
    static func foretold(_ bench: Workbench, _ path: String) throws -> Double {
        let said = try bench.cli("explain", "--exec", path, "--json")
        try expectEqual(said.status, 0, "explain: \(said.text)")
        let segments = try JSON(said.text)["segments"]?.array ?? []
        try expect(!segments.isEmpty, "no segments in \(said.text)")
        for segment in segments {
            try segment.requireKeys("offset address length protection wholeChunks verdict reason", of: "a segment")
        }
        let text = segments.filter { $0["protection"]?.string == "r-x" && $0["verdict"]?.string == "allowed" }
        return text.reduce(0) { $0 + ($1["wholeChunks"]?.number ?? 0) } * 2_097_152
    }

    private static let source = """
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        __asm__(".section .text\\n.balign 4096\\n.globl big\\nbig:\\n.rept 6291456\\nnop\\n.endr\\nret\\n.globl big_end\\nbig_end:\\n");
        extern const char big[], big_end[];
        __attribute__((noinline)) long spin(long n) {
            long s = 0;
            for (long i = 0; i < n; i++) { s += i * s ^ 3; __asm__ volatile("" : "+r"(s)); }
            return s;
        }
        int main(int argc, char **argv) {
            long rounds = argc > 1 ? atol(argv[1]) : 1;
            volatile long sum = 0;
            for (const char *p = big; p < big_end; p += 4096) sum += *p;
            for (long i = 0; i < rounds; i++) sum += spin(1000000);
            char line[4096], self[4096] = "";
            long rss = 0, pmd = 0, kb;
            int ours = 0;
            if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) return 1;
            FILE *f = fopen("/proc/self/smaps", "r");
            while (fgets(line, sizeof line, f)) {
                char perms[5];
                unsigned long a, b;
                if (sscanf(line, "%lx-%lx %4s", &a, &b, perms) == 3) ours = perms[2] == 'x' && strstr(line, self);
                else if (ours && sscanf(line, "Rss: %ld", &kb) == 1) rss += kb;
                else if (ours && (sscanf(line, "FilePmdMapped: %ld", &kb) == 1 ||
                                  sscanf(line, "ShmemPmdMapped: %ld", &kb) == 1)) pmd += kb;
            }
            printf("{\\"rss\\": %ld, \\"pmd\\": %ld}\\n", rss * 1024, pmd * 1024);
            fflush(stdout);
            if (argc > 2) getchar();
            return 0;
        }
        """
}
