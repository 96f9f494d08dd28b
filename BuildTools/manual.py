"""Writes the man pages of foliofs: what its own argument parser says, with what docs/ says beside it.

usage: manual.py --dump DUMP.json --output DIR --version VERSION --date YYYY-MM-DD

One page for the program and for each command, from `foliofs --experimental-dump-help`, the command's section of docs/CLI.md and
the examples in packaging/man/examples.toml; foliofs-capability(5) from the reference in docs/PLUGINS.md; the pages that are
written by hand (packaging/man/*.[1-8]) are copied. An option that docs/CLI.md names and the program has not is an error.
"""

import argparse
import json
import pathlib
import re
import shutil
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
HAND_WRITTEN = sorted((ROOT / "packaging/man").glob("*.[1-8]"))
DOCUMENTATION = "/usr/share/doc/foliofs"


def escaped(text):
    """Text as roff has it: no escapes, no macros at its beginning."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def inline(text):
    """A line of Markdown with code, emphasis and links."""
    pieces = []
    for piece in re.split(r"(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*|\[[^\]]+\]\([^)]+\))", text):
        if piece.startswith("`"):
            pieces.append("\\fB" + escaped(piece[1:-1]).removeprefix("\\&") + "\\fR")
        elif piece.startswith("**"):
            pieces.append("\\fB" + inline(piece[2:-2]).removeprefix("\\&") + "\\fR")
        elif piece.startswith("*"):
            pieces.append("\\fI" + escaped(piece[1:-1]).removeprefix("\\&") + "\\fR")
        elif re.fullmatch(r"\[[^\]]+\]\([^)]+\)", piece):
            pieces.append(inline(piece[1 : piece.index("](")]).removeprefix("\\&"))
        else:
            pieces.append(escaped(piece).removeprefix("\\&"))
    line = "".join(pieces)
    return "\\&" + line if line[:1] in (".", "'") else line


def blocks(lines):
    """Markdown as blocks: ("heading", text), ("text", text), ("code", lines), ("item", text), ("table", rows)."""
    found, index = [], 0
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            index += 1
        elif line.startswith("```"):
            end = next(at for at in range(index + 1, len(lines)) if lines[at].startswith("```"))
            found.append(("code", lines[index + 1 : end]))
            index = end + 1
        elif line.startswith("#"):
            found.append(("heading", line.lstrip("# ")))
            index += 1
        elif line.lstrip().startswith("|"):
            rows = []
            while index < len(lines) and lines[index].lstrip().startswith("|"):
                cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", lines[index].strip())[1:-1]]
                if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                    rows.append(cells)
                index += 1
            found.append(("table", rows))
        elif line.startswith("    ") and (not found or found[-1][0] != "item" or lines[index - 1].strip() == ""):
            code = []
            while index < len(lines) and (lines[index].startswith("    ") or not lines[index].strip()):
                code.append(lines[index][4:])
                index += 1
            while not code[-1].strip():
                code.pop()
            found.append(("code", code))
        else:
            kind = "item" if line.startswith("* ") or re.match(r"\d+\. ", line) else "text"
            text = [re.sub(r"^(\* |\d+\. )", "", line)]
            index += 1
            while index < len(lines) and lines[index].strip() and not re.match(r"\s*\||#|\* |\d+\. |```", lines[index]):
                text.append(lines[index].strip())
                index += 1
            found.append((kind, " ".join(text)))
    return found


def tagged(tag, text):
    """An entry of a list with tags."""
    return [f".It {tag}"] + sentences(text)


def sentences(text):
    """Each sentence on a line of its own, as mdoc wants it."""
    lines = [inline(part) for part in re.split(r"(?<=[^ ]\.)\s+(?=[A-Z`\[])", text) if part]
    return lines


def converted(found):
    """Blocks as mdoc. Paragraphs are parted by .Pp, except after a heading."""
    out, after_heading, in_list = [], True, False
    for kind, content in found:
        if in_list and kind != "item":
            out.append(".El")
            in_list = False
        if kind == "heading":
            out.append(".Ss " + inline(content.replace("`", "")))
            after_heading = True
            continue
        if not after_heading and kind == "text":
            out.append(".Pp")
        if kind == "text":
            out += sentences(content)
        elif kind == "code":
            out += [".Bd -literal -offset indent"] + [escaped(line) for line in content] + [".Ed"]
        elif kind == "item":
            if not in_list:
                out.append(".Bl -bullet")
                in_list = True
            out += [".It"] + sentences(content)
        elif kind == "table":
            out.append(".Bl -tag -width Ds")
            heading, *rows = content
            for row in rows:
                rest = [row[1]] if len(row) > 1 else []
                rest += [f"{heading[at]}: {cell}" for at, cell in enumerate(row) if at > 1 and cell and cell != "off"]
                out += tagged(inline(row[0]) or "\\&", "; ".join(cell for cell in rest if cell))
            out.append(".El")
        after_heading = False
    if in_list:
        out.append(".El")
    return out


def section(document, title, level=2):
    """The lines of a document's section, without its heading; None where there is none."""
    lines = (ROOT / document).read_text().split("\n")
    mark = "#" * level + " "
    starts = [at for at, line in enumerate(lines) if line == mark + title]
    if not starts:
        return None
    end = next((at for at in range(starts[0] + 1, len(lines)) if re.match(rf"#{{1,{level}}} ", lines[at])), len(lines))
    return lines[starts[0] + 1 : end]


def option_names(argument):
    names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in argument.get("names", [])]
    return sorted(names, key=len)


def flag(name):
    return "Fl " + escaped(name[1:])


def usage(command, words):
    """The synopsis of a command: `.Nm foliofs mount`, then each argument."""
    out = [".Nm " + " ".join(words)]
    for argument in shown_arguments(command):
        value = argument.get("valueName", "")
        if argument["kind"] == "positional":
            text = "Ar " + value.replace("-", " ").upper().replace(" ", "\\-")
        else:
            text = flag(option_names(argument)[-1])
            if argument["kind"] == "option":
                text += " Ar " + value
        if argument["isRepeating"] and argument["kind"] != "flag":
            text += " ..."
        out.append((".Op " if argument["isOptional"] else ".") + text)
    return out


def shown_arguments(command):
    hidden = {"help", "version"}
    arguments = [
        argument
        for argument in command.get("arguments", [])
        if argument["shouldDisplay"] and not (argument["kind"] == "flag" and argument["valueName"] in hidden)
    ]
    return sorted(arguments, key=lambda argument: argument["kind"] == "positional")


def documented_options(found):
    """The rows of the tables of options: option name to what is said of it."""
    rows = {}
    for kind, content in found:
        if kind == "table" and content[0][0] == "option":
            for row in content[1:]:
                default = row[1] if content[0][1] == "default" and row[1] not in ("", "off") else ""
                for name in re.findall(r"`(-[-a-z]+)", row[0]):
                    rows[name] = row[-1] + (f". Default: {default}." if default else ".")
    return rows


def options(command, documented):
    """Every option and argument of a command, as the entries of a list."""
    out = []
    for argument in shown_arguments(command):
        value = argument.get("valueName", "")
        names = option_names(argument)
        text = next((documented[name] for name in names if name in documented), argument.get("abstract", "")) or ""
        text = text[:1].upper() + text[1:]
        if argument["kind"] == "positional":
            tag = "Ar " + value.replace("-", " ").upper().replace(" ", "\\-")
        else:
            tag = " , ".join(flag(name) + (" Ar " + value if argument["kind"] == "option" else "") for name in names)
        out += tagged(tag, text)
    return out


class Manual:
    def __init__(self, dump, version, date):
        self.root = dump["command"]
        self.version = version
        self.date = date
        self.examples = tomllib.loads((ROOT / "packaging/man/examples.toml").read_text())
        self.commands = [
            command for command in self.root["subcommands"] if command["shouldDisplay"] and command["commandName"] != "help"
        ]

    def heading(self, name, number, abstract):
        return [
            f".Dd {self.date}",
            f".Dt {name.upper()} {number}",
            f".Os FolioFS {self.version}",
            ".Sh NAME",
            f".Nm {name}",
            f".Nd {escaped(abstract[:1].lower() + abstract[1:].rstrip('.'))}",
        ]

    def ending(self, own):
        pages = [("foliofs", "1")] + [(f"foliofs-{command['commandName']}", "1") for command in self.commands]
        pages += [("foliofs-capability", "5")] + [tuple(page.name.rsplit(".", 1)) for page in HAND_WRITTEN]
        pages = sorted({page for page in pages if page[0] != own}, key=lambda page: (page[1], page[0]))
        return [".Sh SEE ALSO"] + [
            f".Xr {name} {number}" + (" ," if at + 1 < len(pages) else "") for at, (name, number) in enumerate(pages)
        ]

    def example_lines(self, name):
        out = []
        for example in self.examples.get(name, []):
            out += [".Pp"] if out else [".Sh EXAMPLES"]
            out += sentences(example["what"] + ":") + [".Bd -literal -offset indent"]
            out += [escaped(line) for line in example["command"].strip().split("\n")] + [".Ed"]
        return out

    def exit_status(self):
        table = next(content for kind, content in blocks(section("docs/CLI.md", "What holds for all")) if kind == "table")
        return [".Sh EXIT STATUS", ".Bl -tag -width Ds"] + [
            line for row in table[1:] for line in tagged(row[0], row[1])
        ] + [".El"]

    def command(self, command):
        name = command["commandName"]
        text = section("docs/CLI.md", name)
        if text is None:
            sys.exit(f"docs/CLI.md has no section '{name}'; every command has one")
        found = blocks(text)
        documented = documented_options(found)
        leaves = [inner for inner in command.get("subcommands", []) if inner["shouldDisplay"]] or [command]
        known = {option for leaf in leaves for argument in leaf.get("arguments", []) for option in option_names(argument)}
        for option in documented:
            if option not in known:
                sys.exit(f"docs/CLI.md says that {name} has the option {option}; it has not")
        # The first code is the synopsis, which the program itself knows better.
        first = next((at for at, (kind, _) in enumerate(found) if kind == "code"), None)
        prose = [
            block
            for at, block in enumerate(found)
            if not (at == first == 0) and not (block[0] == "table" and block[1][0][0] == "option")
        ]
        words = ["foliofs", name]
        out = self.heading(f"foliofs-{name}", 1, command["abstract"]) + [".Sh SYNOPSIS"]
        for leaf in leaves:
            out += usage(leaf, words if leaf is command else words + [leaf["commandName"]])
        out += [".Sh DESCRIPTION"] + converted(prose)
        for leaf in leaves:
            list_of_options = options(leaf, documented)
            if not list_of_options:
                continue
            out.append(".Sh OPTIONS" if leaf is leaves[0] else f".Ss Of {leaf['commandName']}")
            if leaf is leaves[0] and leaf is not command:
                out.append(f".Ss Of {leaf['commandName']}")
            out += [".Bl -tag -width Ds"] + list_of_options + [".El"]
        out += self.exit_status() + self.example_lines(name) + self.ending(f"foliofs-{name}")
        return "\n".join(out) + "\n"

    def program(self):
        out = self.heading("foliofs", 1, self.root["abstract"])
        out += [".Sh SYNOPSIS", ".Nm foliofs", ".Ar COMMAND", ".Op Ar ARGUMENT ...", ".Nm foliofs", ".Fl \\-version"]
        out += [".Sh DESCRIPTION"]
        out += converted(blocks((ROOT / "packaging/man/description.md").read_text().split("\n")))
        out += [".Sh COMMANDS", ".Bl -tag -width Ds"]
        for command in self.commands:
            out += tagged(f"Xr foliofs\\-{command['commandName']} 1", command["abstract"])
        out += [".El"]
        out += [".Sh WHAT HOLDS FOR ALL COMMANDS"]
        out += converted(
            [("text" if kind == "item" else kind, content) for kind, content in blocks(section("docs/CLI.md", "What holds for all"))
             if kind != "table" and content != "Exit codes:"])
        for title in ["ENVIRONMENT", "FILES"]:
            out += [f".Sh {title}", ".Bl -tag -width Ds"]
            macro = "Ev" if title == "ENVIRONMENT" else "Pa"
            for name, text in self.examples[title.lower()].items():
                out += tagged(f"{macro} {escaped(name)}", text)
            out += [".El"]
        out += self.exit_status()
        out += self.example_lines("foliofs") + self.ending("foliofs")
        return "\n".join(out) + "\n"

    def capability(self):
        out = self.heading("foliofs-capability", 5, "capability.toml, what a filesystem can do with large folios")
        out += [".Sh SYNOPSIS", ".Pa /etc/foliofs/plugins/NAME/capability.toml", ".Sh DESCRIPTION"]
        out += converted(blocks(section("docs/PLUGINS.md", "Reference")))
        out += self.example_lines("foliofs-capability") + self.ending("foliofs-capability")
        return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser()
    for name in ["--dump", "--output", "--version", "--date"]:
        parser.add_argument(name, required=True)
    arguments = parser.parse_args()
    output = pathlib.Path(arguments.output)
    output.mkdir(parents=True, exist_ok=True)
    for old in output.glob("*.[1-8]"):
        old.unlink()
    manual = Manual(json.loads(pathlib.Path(arguments.dump).read_text()), arguments.version, arguments.date)
    pages = {"foliofs.1": manual.program(), "foliofs-capability.5": manual.capability()}
    for command in manual.commands:
        pages[f"foliofs-{command['commandName']}.1"] = manual.command(command)
    for name, text in pages.items():
        (output / name).write_text(text)
    for page in HAND_WRITTEN:
        shutil.copyfile(page, output / page.name)


if __name__ == "__main__":
    main()
