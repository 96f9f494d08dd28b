"""Trees as programs make and remove them: tar, a build, rm -rf."""

import io
import random
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

from workload import Row, Workload
from workspace import Workspace


def archive_of_files(path: Path) -> None:
    """10 000 files of 200 to 8000 bytes in 200 directories, some executable, and 200 symbolic links."""
    chance = random.Random(1)
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for directory in range(200):
            add(archive, f"tree/{directory:03}", tarfile.DIRTYPE, 0o755)
            for file in range(50):
                content = chance.randbytes(chance.randint(200, 8000))
                add(archive, f"tree/{directory:03}/{file:03}", tarfile.REGTYPE, 0o755 if file % 10 == 0 else 0o644, content)
            add(archive, f"tree/{directory:03}/link", tarfile.SYMTYPE, 0o777, link="000")


def archive_of_project(path: Path) -> None:
    """A C program of 60 files with a makefile."""
    names = [f"part{number:02}" for number in range(60)]
    header = "".join(f"int {name}(int);\n" for name in names)
    makefile = (
        f"OBJECTS := {' '.join(name + '.o' for name in names)} main.o\n"
        "program: $(OBJECTS)\n\t$(CC) -o $@ $^\n%.o: %.c parts.h\n\t$(CC) -O1 -c -o $@ $<\n"
    )
    calls = " + ".join(f"{name}(count)" for name in names)
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        add(archive, "project", tarfile.DIRTYPE, 0o755)
        add(archive, "project/Makefile", tarfile.REGTYPE, 0o644, makefile.encode())
        add(archive, "project/parts.h", tarfile.REGTYPE, 0o644, header.encode())
        main = f'#include "parts.h"\nint main(int count, char **words) {{ (void)words; return ({calls}) & 1; }}\n'
        add(archive, "project/main.c", tarfile.REGTYPE, 0o644, main.encode())
        for name in names:
            text = f'#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include "parts.h"\nint {name}(int count) {{\n' \
                "    int sum = 0;\n    for (int index = 0; index < count; index++) sum += index * count;\n    return sum;\n}\n"
            add(archive, f"project/{name}.c", tarfile.REGTYPE, 0o644, text.encode())


def add(archive: tarfile.TarFile, name: str, kind: bytes, mode: int, content: bytes = b"", link: str = "") -> None:
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.size, member.linkname, member.mtime = kind, mode, len(content), link, 1_700_000_000
    archive.addfile(member, io.BytesIO(content))


class TreeWorkload(Workload):
    """Work with an archive, which lies beside the source and is read from there by every subject."""

    archive = "files.tar"

    def prepare(self, workspace: Workspace) -> None:
        path = workspace.archives / self.archive
        if not path.exists():
            (archive_of_files if self.archive == "files.tar" else archive_of_project)(path)

    def extract(self, workspace: Workspace, place: Path) -> None:
        workspace.run(["tar", "xf", str(workspace.archives / self.archive), "-C", str(place)])


class TarExtract(TreeWorkload):
    rows = (Row("tar-extract", "tar extract, 10k files", target=3.5),)
    rounds = 3

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        start = time.monotonic()
        self.extract(workspace, place / "scratch")
        yield "tar-extract", time.monotonic() - start


class RemoveTree(TreeWorkload):
    rows = (Row("rm-rf", "rm -rf, 10k files"),)
    rounds = 3

    def prepare(self, workspace: Workspace) -> None:
        super().prepare(workspace)
        self.extract(workspace, workspace.scratch)

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        start = time.monotonic()
        workspace.run(["rm", "-rf", str(place / "scratch/tree")])
        yield "rm-rf", time.monotonic() - start


class Build(TreeWorkload):
    rows = (Row("untar-make", "untar and make a C project"),)
    rounds = 2
    archive = "project.tar"

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        start = time.monotonic()
        self.extract(workspace, place / "scratch")
        workspace.run(["make", "-s", "-j2", "-C", str(place / "scratch/project")])
        yield "untar-make", time.monotonic() - start


WORKLOADS: list[Workload] = [TarExtract(), RemoveTree(), Build()]
