"""Holds the documents to what is there: links lead somewhere, and `make` targets exist; with --foliofs PROGRAM its commands and options too.

usage: check_documents.py [--foliofs PROGRAM]
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/**/*.md")])


def anchors(text):
    """The anchors of a document's headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", without_code(text), re.M):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        found.add(re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-"))
    return found


def without_code(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def links(document, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", without_code(text))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists():
            yield f"the link {target} leads nowhere"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
            yield f"the link {target}: no heading there is {anchor}"


def targets(text):
    makefile = (ROOT / "Makefile").read_text()
    known = {word for line in re.findall(r"^((?:[a-z-]+ ?)+):", makefile, re.M) for word in line.split()}
    code = re.findall(r"^    (?:.*&& )?make (.*)$", text, re.M) + re.findall(r"`make ([^`]+)`", text)
    for line in code:
        for word in shlex.split(re.split(r"  |#|;|&&", line)[0]) if not line.startswith("-C") else []:
            if re.fullmatch(r"[a-z-]+", word) and word not in known:
                yield f"make {word}: the Makefile has no such target"


class Commands:
    """What foliofs understands, by its own word."""

    def __init__(self, program):
        said = subprocess.run([program, "--experimental-dump-help"], capture_output=True, text=True, check=True).stdout
        self.root = json.loads(said)["command"]

    def mistakes(self, line):
        """What is wrong with a command line, which begins after `foliofs`."""
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            return
        command, path = self.root, "foliofs"
        while words and not words[0].startswith("-"):
            inner = {sub["commandName"]: sub for sub in command.get("subcommands", [])}
            choices = words[0].split("|")
            if not inner or not all(re.fullmatch(r"[a-z-]+", choice) for choice in choices):
                break
            for choice in choices:
                if choice not in inner:
                    yield f"{path} has no command {choice}"
                    return
            command, path = inner[choices[0]], f"{path} {choices[0]}"
            words.pop(0)
            if len(choices) > 1:
                return
        known = {name["name"] for argument in command.get("arguments", []) for name in argument.get("names", [])}
        for word in words:
            if word == "--" or word in ("|", "&&", ";", ">"):
                return
            for option in re.findall(r"(?:^|[\[| ])--?([a-z][-a-z]*)", word):
                if option not in known | {"help", "version"}:
                    yield f"{path} has no option {option}"


def command_lines(text):
    """Every line of code that begins with foliofs, and every such piece of code within a sentence."""
    for line in re.findall(r"^    (?:\$ )?(?:sudo )?foliofs ((?!\[)[a-z-].*)$", text, re.M):
        yield re.sub(r"   .*| #.*|…", " ", line)
    for line in re.findall(r"`foliofs ([^`]+)`", text):
        yield line.replace("…", " ")


def main():
    commands = Commands(sys.argv[2]) if sys.argv[1:2] == ["--foliofs"] else None
    mistakes = []
    for document in DOCUMENTS:
        text = document.read_text()
        found = [*links(document, text), *targets(text)]
        if commands:
            for line in command_lines(text):
                found += [f"'{line.strip()}': {mistake}" for mistake in commands.mistakes(line)]
        mistakes += [f"{document.relative_to(ROOT)}: {mistake}" for mistake in found]
    if commands:
        examples = tomllib.loads((ROOT / "packaging/man/examples.toml").read_text())
        for name, entries in examples.items():
            for entry in entries if isinstance(entries, list) else []:
                for line in re.findall(r"^foliofs (.+)$", entry["command"], re.M):
                    mistakes += [f"the example of {name} '{line}': {mistake}" for mistake in commands.mistakes(line)]
    print("\n".join(mistakes), end="\n" if mistakes else "")
    sys.exit(1 if mistakes else 0)


if __name__ == "__main__":
    main()
