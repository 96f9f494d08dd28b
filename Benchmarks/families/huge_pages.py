"""What huge pages buy: the source with the small folios it has, against the mount with what it makes of them, in the same run.

The mount promotes the source's own page cache, so before each sample the files are put back into small folios, one page each."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from workload import Row, Workload
from workspace import CommandFailure, Workspace

GIB = 1 << 30


def small_folios(file: Path) -> None:
    """Puts a file into the page cache page by page."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_RANDOM)
        buffer = bytearray(4096)
        while os.readv(descriptor, [buffer]):
            pass
    finally:
        os.close(descriptor)


class Huge(Workload):
    """Work with one file, promoted where a mount of FolioFS shows it."""

    rounds = 3
    file = "data"

    def prepare(self, workspace: Workspace) -> None:
        small_folios(workspace.fixture("huge-" + self.file, self.make) / self.file)

    def make(self, directory: Path) -> None:
        """Makes the file: 1 GiB of it."""
        with (directory / self.file).open("wb") as out:
            part = os.urandom(1 << 20)
            for _ in range(GIB >> 20):
                out.write(part)

    def path(self, place: Path) -> Path:
        return place / ("huge-" + self.file) / self.file

    @staticmethod
    def promote(workspace: Workspace, file: Path) -> dict[str, object] | None:
        """What came of it; None on the source, which stays as it is."""
        if workspace.mountpoint not in file.parents:
            return None
        (result,) = json.loads(workspace.run([str(workspace.foliofs), "promote", "--wait", "--json", str(file)]))["files"]
        return result


class Touch(Huge):
    rows = (
        Row("huge-touch", "touch 1 GiB, mapped", target=1 / 8),
        Row("huge-faults", "the same: page faults", "faults", target=514 / 16384),
        Row("huge-random", "random reads of 1 GiB, mapped anew each pass", "s/GiB"),
    )

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        file = self.path(place)
        self.promote(workspace, file)
        said = json.loads(workspace.run([str(workspace.tools / "touch"), str(file)]))
        yield "huge-touch", said["seconds"]
        yield "huge-faults", said["minorFaults"]
        (value,) = workspace.tool("transfer", file, "map", "random", 1, 64, 64 << 20, 0.3)
        yield "huge-random", value


class Promotion(Huge):
    """Against what reading the same cached bytes takes. A refault reads them from the disk again."""

    rows = (Row("huge-promotion", "promote 1 GiB that is cached; source: read it", target=2),)

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        file = self.path(place)
        promoted = self.promote(workspace, file)
        if promoted is None:
            (value,) = workspace.tool("transfer", file, "read", "sequential", 1, 1 << 20, GIB, 0)
            yield "huge-promotion", value
        elif promoted["pmdBytes"] < promoted["eligibleBytes"]:
            raise CommandFailure(promoted["routeReason"])
        else:
            yield "huge-promotion", promoted["seconds"]


class SQLite(Huge):
    rows = (Row("huge-sqlite", "sqlite3, 300k random rows of 400 MB, mmap_size"),)
    file = "database"

    def make(self, directory: Path) -> None:
        script = (
            "PRAGMA page_size=4096; CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB); WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL "
            "SELECT n + 1 FROM r WHERE n < 400000) INSERT INTO t SELECT n, randomblob(900) FROM r;")
        subprocess.run(["sqlite3", str(directory / self.file), script], check=True)

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        file = self.path(place)
        self.promote(workspace, file)
        script = (
            "PRAGMA mmap_size=1073741824; WITH RECURSIVE r(n, x) AS (SELECT 1, 7 UNION ALL SELECT n + 1, "
            "(x * 1103515245 + 12345) % 2147483648 FROM r WHERE n < 300000) "
            "SELECT sum(length(v)) FROM r JOIN t ON t.id = x % 400000;")
        start = time.monotonic()
        workspace.run(["sqlite3", "-readonly", str(file), script])
        yield "huge-sqlite", time.monotonic() - start


class LMDB(Huge):
    # The package is of Debian's Python, which need not be the first on PATH.
    rows = (Row("huge-lmdb", "LMDB, 300k random gets of 400 MB"),)
    file = "environment"
    _get = (
        "import lmdb, random, sys, time\n"
        "chance = random.Random(1)\n"
        "keys = [b'%08d' % chance.randrange(400000) for _ in range(300000)]\n"
        "start = time.monotonic()\n"
        "with lmdb.open(sys.argv[1], subdir=False, readonly=True, lock=False) as base, base.begin() as transaction:\n"
        "    for key in keys: transaction.get(key)\n"
        "print(time.monotonic() - start)\n")

    def make(self, directory: Path) -> None:
        script = (
            "import lmdb, os, sys\n"
            "with lmdb.open(sys.argv[1], subdir=False, lock=False, map_size=1 << 30) as base, base.begin(write=True) as change:\n"
            "    for key in range(400000): change.put(b'%08d' % key, os.urandom(900), append=True)\n")
        subprocess.run(["/usr/bin/python3", "-c", script, str(directory / self.file)], check=True)

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        file = self.path(place)
        self.promote(workspace, file)
        yield "huge-lmdb", float(workspace.run(["/usr/bin/python3", "-c", self._get, str(file)]))


class Compiler(Huge):
    """A compiler of 100 MB and more, promoted as it is opened; the first start of each mount is not measured."""

    rows = (
        Row("huge-start", "clang --version, 20 times"),
        Row("huge-compile", "clang -O2 of a large C file"),
    )
    file = "compiler"

    def make(self, directory: Path) -> None:
        found = [shutil.which("clang"), "/opt/swift/usr/bin/clang", *map(str, Path("/usr/lib").glob("llvm-*/bin/clang"))]
        for program in found:
            if program and Path(program).exists() and Path(program).stat().st_size > 32 << 20:
                shutil.copy(program, directory / self.file)
                return
        raise OSError("no clang of 32 MiB or more")

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        program = str(self.path(place))
        workspace.run([program, "--version"])
        start = time.monotonic()
        for _ in range(20):
            workspace.run([program, "--version"])
        yield "huge-start", time.monotonic() - start
        text = workspace.archives / "large.c"
        text.write_text("".join(
            f"double f{n}(double *a, int n) {{ double s = {n}; for (int i = 0; i < n; i++) {{ switch ((i * {n + 3}) % 7) {{ case 0: "
            f"s += a[i]; break; case 1: s *= a[n - i - 1]; break; default: s -= a[i] * {n}; }} }} return s; }}\n"
            for n in range(1500)))
        start = time.monotonic()
        workspace.run([program, "-x", "c", "-O2", "-c", str(text), "-o", "/dev/null"])
        yield "huge-compile", time.monotonic() - start


WORKLOADS: list[Workload] = [Touch(), Promotion(), SQLite(), LMDB(), Compiler()]
