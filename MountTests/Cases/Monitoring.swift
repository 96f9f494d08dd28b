import Glibc

/// `foliofs metrics` and `foliofs top`: what is said of mounts to those who watch them.
let monitoringCases: [TestCase] = [
    TestCase("Monitoring/metrics are what docs/METRICS.md and the dashboard name, printed and by HTTP") { bench in
        let source = try bench.ext4(megabytes: 64)
        try require("head -c 4M /dev/urandom > data; sync", in: source)
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "16M"]) { mount in
            try require("cat data > /dev/null", in: mount.path)
            try require(
                """
                # The path of the case's own directory is too long for a socket.
                SHORT=$(mktemp -d /tmp/foliofs-XXXXXX); cat > check.py <<'END'
                import json, re, socket, subprocess, sys, urllib.request
                program, mountpoint, repository, path = sys.argv[1:]
                def parsed(text):
                    types, samples = {}, {}
                    for line in text.splitlines():
                        if line.startswith("# TYPE"): types[line.split()[2]] = line.split()[3]
                        elif not line.startswith("#"):
                            name, labels, value = re.fullmatch(r'([a-z_]+)\\{((?:[a-z]+="(?:[^"\\\\\\\\]|\\\\\\\\.)*",?)+)\\} ([0-9.]+)', line).groups()
                            family = re.sub("_(bucket|sum|count)$", "", name)
                            if types.get(family) == "histogram": samples.setdefault(family, {})
                            else: assert name in types and (types[name] == "counter") == name.endswith("_total"), line
                            samples.setdefault(name, {})[labels] = float(value)
                    return samples
                printed = parsed(subprocess.run([program, "metrics", mountpoint], capture_output=True, text=True, check=True).stdout)
                assert printed["foliofs_up"] == {f'mountpoint="{mountpoint}"': 1}, printed["foliofs_up"]
                assert printed["foliofs_first_opens_total"][f'mountpoint="{mountpoint}",route="staged"'] == 1
                assert sum(printed["foliofs_staged_bytes"].values()) == 4 << 20, printed["foliofs_staged_bytes"]
                opens = f'mountpoint="{mountpoint}",operation="open"'
                buckets = [count for labels, count in printed["foliofs_request_duration_seconds_bucket"].items() if labels.startswith(opens)]
                assert len(buckets) == 26 and buckets == sorted(buckets), buckets
                assert buckets[-1] == printed["foliofs_request_duration_seconds_count"][opens] >= 1
                assert 0 < printed["foliofs_request_duration_seconds_sum"][opens] < 100
                named = set(re.findall(r"`(foliofs_[a-z_]+)`", open(f"{repository}/docs/METRICS.md").read()))
                dashboard = json.dumps(json.load(open(f"{repository}/examples/monitoring/grafana.json")))
                named |= set(re.findall(r"foliofs_[a-z_]+[a-z]", dashboard))
                missing = named - set(printed)
                assert not missing, missing
                def get(listening, target):
                    server = subprocess.Popen([program, "metrics", "--listen", listening], stderr=subprocess.PIPE, text=True)
                    try:
                        while True:
                            assert server.poll() is None, server.stderr.read()
                            try: return target()
                            except (ConnectionRefusedError, FileNotFoundError, urllib.error.URLError): pass
                    finally:
                        server.kill(); server.wait()
                free = socket.socket(); free.bind(("127.0.0.1", 0)); port = free.getsockname()[1]; free.close()
                def by_port():
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer: return answer.read().decode()
                assert set(parsed(get(f"127.0.0.1:{port}", by_port))) == set(printed)
                def by_socket():
                    caller = socket.socket(socket.AF_UNIX); caller.settimeout(20); caller.connect(path)
                    caller.sendall(b"GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"); said = b""
                    while piece := caller.recv(65536): said += piece
                    return said.decode()
                assert set(parsed(get(f"unix:{path}", by_socket).split("\\r\\n\\r\\n", 1)[1])) == set(printed)
                END
                timeout 50 python3 check.py "$F" "$M" "$REPOSITORY" "$SHORT/socket"; rm -r "$SHORT"
                """, in: bench.directory,
                environment: ["F": bench.foliofs, "M": mount.path, "REPOSITORY": bench.repository])
            try failed(bench.cli("metrics", "--listen", "0.0.0.0:9464"), 2, "0.0.0.0:9464", "127.0.0.1:PORT")
        }
    },
    TestCase("Monitoring/top shows what has come about since its last look") { bench in
        let source = try bench.ext4(megabytes: 64)
        try require("head -c 4M /dev/urandom > one; cp one two; sync", in: source)
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "16M"]) { mount in
            let shown = try require(
                """
                "$F" top --interval 0.2 --count 2 "$PWD" | { read -r heading; cat one two > /dev/null; echo "$heading"; cat; }
                "$F" top --count 1 "$PWD"
                """, in: mount.path, environment: ["F": bench.foliofs])
            try expect(shown.contains("staged 2") && !shown.contains("\u{1b}"), "top into a pipe: \(shown)")
            try expect(shown.contains("[###############...............] 8 MiB of 16 MiB, 2 copies, 0 open"), shown)
            try expect(shown.contains(#/\n  requests +\d+\n {4}[a-z-]+ +\d+, median ≤ /#), "no requests in: \(shown)")
        }
        try failed(bench.cli("top", bench.directory), 1, bench.directory, "EINVAL")
        try expectEqual(bench.cli("top", "--interval", "0").status, 2, "an interval of 0")
    },
    TestCase("Monitoring/requests are counted by operation, over one server after another") { bench in
        let source = try bench.make("source")
        try require("for i in $(seq 50); do mkdir d$i; done", in: source)
        try supervised(bench, source: source) { mount, server in
            func requests(_ operation: String) throws -> JSON? {
                try JSON(bench.cli("status", mount.path, "--json").text)["requests"]?[operation]
            }
            try require("rmdir d?", in: mount.path)
            // A request is counted after its answer.
            try until("nine are counted") { try requests("rmdir")?["count"]?.number == 9 }
            let last = try server.kill()
            try require("rmdir d??", in: mount.path)
            _ = try server.next(after: last)
            try until("all are counted") { try requests("rmdir")?["count"]?.number == 50 }
            let all = try requests("rmdir")
            try expectEqual(all?["buckets"]?.array?.compactMap(\.number).reduce(0, +), 50, "in buckets")
            try expect((all?["nanoseconds"]?.number ?? 0) > 50 * 100, "\(String(describing: all))")
            try expect(try requests("mkdir") == nil, "what was not asked for is there")
            let shown = try bench.cli("status", mount.path).text
            try expect(shown.contains(#/\n  requests +\d+\n {4}[a-z-]+ +\d+, median ≤ /#), shown)
        }
    },
    TestCase("Monitoring/status is a table: in two columns of one mount, a row each of several") { bench in
        let source = try bench.ext4(megabytes: 64)
        try require("head -c 4M /dev/urandom > data; sync", in: source)
        let other = try bench.make("other")
        try served(bench, source: source, ["--route", "staged"]) { mount in
            try require("cat data > /dev/null", in: mount.path)
            try require(
                """
                "$F" status "$PWD" > ../one; cat ../one
                awk '/^  passthrough  / { wide = index($0, "granted") } END { print wide }' ../one > ../wide
                awk -v wide="$(cat ../wide)" 'NR > 1 && !(substr($0, wide - 2, 3) ~ /^  [^ ]/) { print "not in its column: " $0; wrong = 1 } END { exit wrong }' ../one
                """, in: mount.path, environment: ["F": bench.foliofs])
            try served(bench, source: other, at: "second") { second in
                let all = try bench.cli("status").lines
                try expect(all[0].hasPrefix("mountpoint "), all[0])
                for (place, staged) in [(mount.path, "4 MiB"), (second.path, "0 bytes")] {
                    let row = all.first { $0.hasPrefix(place + " ") }
                    try expect(row?.contains("  \(staged)  ") == true, "\(place) in: \(all)")
                }
            }
            // One whose server is gone keeps nothing from being said of the others.
            let dead = try ServedMount(bench, source: other, at: "third")
            dead.daemon.signal(SIGKILL)
            _ = dead.daemon.wait(seconds: 10)
            defer { dead.killAndRemove() }
            for command in [["status"], ["status", "--json"], ["reload"]] {
                let outcome = try run([bench.foliofs] + command, timeout: 15)
                try expectEqual(outcome.status, 1, outcome.text)
                try expect(outcome.text.contains(mount.path), "\(command): \(outcome.text)")
                try expect(outcome.text.contains("foliofs unmount \(dead.path)"), "\(command): \(outcome.text)")
            }
        }
    },
    TestCase("Monitoring/the control socket answers any program, as docs/CONTROL.md says") { bench in
        let source = try bench.ext4(megabytes: 64)
        try require("head -c 4M /dev/urandom > data; sync", in: source)
        try served(bench, source: source) { mount in
            try require(
                """
                cat > client.py <<'END'
                import json, os, socket, sys
                mountpoint = sys.argv[1]
                device = next(line.split()[2] for line in open("/proc/self/mountinfo") if line.split()[4] == mountpoint)
                def ask(text):
                    caller = socket.socket(socket.AF_UNIX); caller.settimeout(20); caller.connect(f"/run/foliofs/{device}")
                    caller.sendall(text.encode() + b"\\n"); said = b""
                    while piece := caller.recv(65536): said += piece
                    return [json.loads(line) for line in said.splitlines()]
                def named(command, path, **more): return ask(json.dumps({"command": command, "path": list(path.encode()), **more}))
                [status] = ask('{"command":"status"}'); assert status["mountpoint"] == mountpoint, status
                [reload] = ask('{"command":"reload"}'); assert "error" not in reload or reload["error"] is None, reload
                [route] = named("route", "data", exec=False); assert route["decision"]["route"] == "native", route
                [none] = named("route", "none", exec=False); assert "ENOENT" in none["error"], none
                *steps, last = named("promote", "data", waits=True); assert last["result"]["pmdBytes"] == 4 << 20, last
                assert all(set(step) == {"done", "total"} for step in steps), steps
                assert named("promote", "data", waits=False) == [{"done": 0}]
                for nonsense in ["", "{}", "[]", '{"command":"nonsense"}', "x" * 5000, "[" * 513, '{"path":' * 513]: assert ask(nonsense) == [], nonsense
                END
                timeout 50 python3 client.py "$M"
                """, in: bench.directory, environment: ["M": mount.path])
        }
    },
]
