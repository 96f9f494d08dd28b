/// What the documents and the man pages say is what the program does.
let documentCases: [TestCase] = [
    TestCase("Documents/links lead somewhere, and commands, options and make targets that are named exist") { bench in
        let checked = try bash(
            "python3 -B BuildTools/check_documents.py --foliofs \"$F\"", in: bench.repository,
            environment: ["F": bench.foliofs])
        try expectEqual(checked.status, 0, checked.text)
    },
    TestCase("Documents/a man page for every command, without mistakes, with every option") { bench in
        guard try bash("command -v mandoc").status == 0 else { throw Skip("no mandoc; make deps installs it") }
        try require(
            """
            "$F" --experimental-dump-help > help.json
            python3 -B "$REPOSITORY/BuildTools/manual.py" --dump help.json --output man --version 1.2.3 --date 2026-01-02
            mandoc -T lint -W warning man/*
            for command in mount status explain plugin; do ls man/foliofs-$command.1; done > /dev/null
            python3 - <<'END'
            import json, re, subprocess
            def text(page): return re.sub(r".\\x08", "", subprocess.run(["mandoc", page], capture_output=True, text=True, check=True).stdout)
            for command in json.load(open("help.json"))["command"]["subcommands"]:
                if not command["shouldDisplay"] or command["commandName"] == "help": continue
                page = text(f"man/foliofs-{command['commandName']}.1")
                assert "EXAMPLES" in page and "EXIT STATUS" in page, command["commandName"]
                for leaf in command.get("subcommands") or [command]:
                    for argument in leaf.get("arguments", []):
                        for name in argument.get("names", []) if argument["shouldDisplay"] else []:
                            if name["kind"] == "long" and name["name"] not in ("help", "version"):
                                assert "--" + name["name"] in page, (command["commandName"], name)
            END
            """, in: bench.directory, environment: ["F": bench.foliofs, "REPOSITORY": bench.repository])
    },
    TestCase("Documents/completions complete commands, options and words in bash, and are read by zsh and fish") {
        bench in
        try require(
            """
            for shell in bash zsh fish; do "$F" --generate-completion-script $shell > foliofs.$shell; done
            mkdir bin; ln -s "$F" bin/foliofs; export PATH=$PWD/bin:$PATH
            complete_() { COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMPREPLY=()
                cur=${COMP_WORDS[COMP_CWORD]}; prev=${COMP_WORDS[COMP_CWORD - 1]}; _foliofs foliofs "$cur" "$prev"; echo "${COMPREPLY[*]}"; }
            shopt -s extglob; source foliofs.bash
            set +e
            for wanted in 'doctor:foliofs do' '--stage-limit:foliofs mount --stage-l' 'staged:foliofs mount --route st' 'refault:foliofs mount --promotion re'; do
                found=$(complete_ ${wanted#*:}); [[ " $found " == *" ${wanted%%:*} "* ]] || { echo "${wanted#*:} gives $found"; exit 1; }
            done
            if command -v zsh > /dev/null; then zsh -n foliofs.zsh || exit 1; fi
            if command -v fish > /dev/null; then fish -n foliofs.fish || exit 1; fi
            """, in: bench.directory, environment: ["F": bench.foliofs])
    },
    TestCase("Documents/the configurations that are shown are valid, and every setting is explained") { bench in
        try require(
            """
            cat > check.py <<'END'
            import json, re, subprocess, sys
            program, repository = sys.argv[1:]
            def check(name, text):
                with open(name, "w") as file: file.write(text)
                said = subprocess.run([program, "config", "check", name], capture_output=True, text=True)
                assert said.returncode == 0, (text, said.stderr)
            document = open(f"{repository}/docs/CONFIGURATION.md").read()
            shown = re.findall(r"```toml\\n(.*?)```", document, re.S)
            assert len(shown) >= 4
            for number, text in enumerate(shown): check(f"{number}.toml", text)
            packaged = open(f"{repository}/packaging/conf/foliofs.conf").read()
            check("packaged.toml", packaged)
            check("uncommented.toml", re.sub(r"^#(?=[a-z\\[])", "", packaged, flags=re.M))
            schema = json.loads(subprocess.run([program, "config", "check", "--schema"], capture_output=True, check=True).stdout)
            explained = set(re.findall(r"^\\| `([a-z-]+)` \\|", document, re.M))
            assert set(schema["properties"]) - {"rule"} == explained, set(schema["properties"]) ^ explained
            END
            python3 check.py "$F" "$REPOSITORY"
            """, in: bench.directory, environment: ["F": bench.foliofs, "REPOSITORY": bench.repository])
    },
    TestCase("Documents/the version has its commit and libfuse, and CHANGELOG.md begins with it") { bench in
        try require(
            """
            said=$("$F" --version); echo "$said" | grep -Ex 'foliofs [0-9.]+ \\(commit ([0-9a-f]{12}(-dirty)?|unknown), libfuse 3\\.[0-9.]+\\)'
            version=$(echo "$said" | cut -d' ' -f 2); grep -m 1 '^## ' CHANGELOG.md | grep -Fq "## $version ("
            """, in: bench.repository, environment: ["F": bench.foliofs])
    },
]
