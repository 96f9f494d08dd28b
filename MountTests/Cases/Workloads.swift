/// Real programs at work inside a mount that chooses its routes by itself.
let workloadCases: [TestCase] = [
    TestCase("Workloads/zlib configured, built and tested", limit: 240) { bench in
        let archive = try debianSource(bench, package: "zlib")
        try inMount(bench) { place in
            try require(
                """
                tar xf "$A" --strip-components=1
                ./configure > log 2>&1 && make -j2 >> log 2>&1 && make test >> log 2>&1 || { tail -20 log; exit 1; }
                grep -q 'zlib test OK' log && grep -q 'zlib shared test OK' log
                make clean >> log 2>&1
                """, in: place, environment: ["A": archive], timeout: 200)
        }
    },
    TestCase("Workloads/git clone, commit, gc, fsck, status", limit: 120) { bench in
        let origin = try bench.make("origin")
        try require(
            """
            export HOME=$PWD
            git init -q -b main . && git config user.name t && git config user.email t@example.org
            for c in 1 2 3 4 5; do
                mkdir -p d$c/e; for i in $(seq 120); do seq $((c * i)) $((c * i + 400)) > d$c/e/f$i; done
                git add -A && git commit -qm "commit $c"
            done
            """, in: origin)
        try inMount(bench) { place in
            try require(
                """
                export HOME=$PWD; git config --global safe.directory '*'
                git clone -q --no-local "$O" clone && cd clone && git config user.name t && git config user.email t@example.org
                [ -z "$(git status --porcelain)" ]; echo more >> d1/e/f1; rm d2/e/f2; git mv d3/e d3/moved
                git add -A && git commit -qm changes && git gc -q && git fsck --strict 2>&1 && [ -z "$(git status --porcelain)" ]
                git checkout -q HEAD~3 && [ ! -e d3/moved ] && git checkout -q main && [ -z "$(git status --porcelain)" ]
                git stash list && git worktree add -q ../other HEAD~1 && git -C ../other fsck 2>&1
                """, in: place, environment: ["O": origin])
        }
    },
    TestCase("Workloads/sqlite3 in WAL mode, two writers", limit: 120) { bench in
        guard try bash("command -v sqlite3").status == 0 else { throw Skip("no sqlite3; make deps installs it") }
        try inMount(bench) { place in
            let said = try require(
                """
                sqlite3 db 'pragma journal_mode=wal; create table t(k integer primary key, v text);' > /dev/null
                for w in 1 2; do (for i in $(seq 60); do
                    sqlite3 -cmd '.timeout 20000' db "insert into t(v) select hex(randomblob(2000)) from (values(1),(2),(3),(4),(5));"
                done) & done; wait
                sqlite3 db 'pragma integrity_check; select count(*) from t; pragma wal_checkpoint(truncate); pragma mmap_size=100000000; select sum(length(v)) from t; vacuum; pragma integrity_check;'
                """, in: place)
            // The pragma that sets mmap_size prints it.
            try expectEqual(
                said.split(separator: "\n").map(String.init),
                ["ok", "600", "0|0|0", "100000000", "2400000", "ok"], "what sqlite3 said")
        }
    },
    TestCase("Workloads/tar there and back", limit: 120) { bench in
        try inMount(bench) { place in
            try require(
                """
                tar -C /usr/include -cf in.tar . && mkdir tree && tar -C tree -xpf in.tar && diff -r --no-dereference /usr/include tree
                tar -C tree --sort=name -cf out.tar . && tar -C /usr/include --sort=name -cf again.tar . && tar -df out.tar -C /usr/include
                find tree | wc -l; rm -r tree && [ ! -e tree ]
                """, in: place)
        }
    },
    TestCase("Workloads/a Swift package built and run", limit: 240) { bench in
        guard try bash("command -v swift").status == 0 else { throw Skip("no swift on PATH") }
        try inMount(bench) { place in
            let said = try require(
                """
                mkdir -p hello/Sources/hello tmp && export TMPDIR=$PWD/tmp && cd hello
                printf '// swift-tools-version:5.9\\nimport PackageDescription\\nlet package = Package(name: "hello", targets: [.executableTarget(name: "hello")])\\n' > Package.swift
                echo 'print((1...10).reduce(0, +))' > Sources/hello/main.swift
                swift build --disable-sandbox > ../log 2>&1 || { tail -20 ../log; exit 1; }
                .build/debug/hello
                echo 'print("changed")' > Sources/hello/main.swift
                swift build --disable-sandbox > ../log 2>&1 || { tail -20 ../log; exit 1; }
                .build/debug/hello
                """, in: place, timeout: 220)
            try expectEqual(said, "55\nchanged\n", "what the program said")
        }
    },
]

/// Runs `body` in the mount of an empty directory.
private func inMount(_ bench: Workbench, _ body: (String) throws -> Void) throws {
    try served(bench, source: bench.make("source")) { mount in try body(mount.path) }
}

/// The upstream archive of a Debian source package, fetched with package lists of its own.
private func debianSource(_ bench: Workbench, package: String) throws -> String {
    let outcome = try bash(
        """
        set -e
        . /etc/os-release
        mkdir -p apt/lists/partial apt/archives/partial
        key=/usr/share/keyrings/debian-archive-keyring.gpg
        echo "deb-src [signed-by=$key] http://deb.debian.org/debian ${VERSION_CODENAME:-none} main" > apt/sources.list
        options="-o Dir::Etc::SourceList=$PWD/apt/sources.list -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists=$PWD/apt/lists
            -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root"
        apt-get $options -qq update > apt/log 2>&1
        apt-get $options -qq source --download-only \(package) >> apt/log 2>&1
        ls "$PWD"/\(package)_*.orig.tar.*
        """, in: bench.directory, timeout: 120)
    guard outcome.status == 0, let path = outcome.lines.first(where: { $0.contains(".orig.tar.") }) else {
        throw Skip("cannot fetch the source of \(package); needs apt-get and a Debian mirror")
    }
    return path
}
