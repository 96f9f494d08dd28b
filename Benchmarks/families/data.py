"""Bytes: read, written and mapped in a file that is in the page cache, and fio with verification."""

import json
from collections.abc import Iterator
from pathlib import Path

from workload import Row, Workload
from workspace import Workspace

SIZE = 256 << 20
PER_GIB = "s/GiB"


class Transfer(Workload):
    """One way of moving bytes: passes of open, move, close over a file of 256 MiB."""

    rounds = 5

    def __init__(self, key: str, title: str, action: str, order: str, threads: int, block: int, amount: int):
        self.rows = (Row(key, title, PER_GIB, target=1.02),)
        self._words = (action, order, threads, block, amount)
        self._writes = action == "write"

    def prepare(self, workspace: Workspace) -> None:
        if self._writes:
            # New for each sample, so that it has been removed before the disk would be busy with it.
            self._fill(workspace.scratch)
        else:
            workspace.fixture("data", self._fill)

    @staticmethod
    def _fill(directory: Path) -> None:
        (directory / "file").write_bytes(b"\1" * SIZE)

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        file = place / ("scratch" if self._writes else "data") / "file"
        (value,) = workspace.tool("transfer", file, *self._words, 0.3)
        yield self.rows[0].key, value


def transfers() -> Iterator[Transfer]:
    for action in ("read", "write"):
        for order, block, amount in (("sequential", 128 << 10, SIZE), ("random", 4 << 10, SIZE // 4)):
            for threads in (1, 4):
                title = f"{order} {action}, {block >> 10}k, {threads} thread{'s' * (threads > 1)}"
                yield Transfer(f"{order}-{action}-{threads}", title, action, order, threads, block, amount)
    yield Transfer("mmap-read", "mmap, touch every page", "map", "sequential", 1, 4 << 10, SIZE)


class Fio(Workload):
    """fio's 4 KiB random I/O, 48 MiB, every block verified by crc32c."""

    rounds = 2

    def __init__(self, action: str):
        self._action = action
        self.rows = (Row(f"fio-{action}", f"fio {action} 4k, verified"),)

    def prepare(self, workspace: Workspace) -> None:
        if self._action == "randread":
            # Writes what is then read, with the headers that verification asks for.
            self._fio(workspace, workspace.scratch, "randwrite", "--do_verify=0")

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        said = self._fio(workspace, place / "scratch", self._action)
        job = json.loads(said[said.index("{"):])["jobs"][0]
        if job["error"]:
            raise ValueError(f"fio error {job['error']}")
        yield self.rows[0].key, (job["read"]["runtime"] + job["write"]["runtime"]) / 1000

    @staticmethod
    def _fio(workspace: Workspace, directory: Path, action: str, *more: str) -> str:
        return workspace.run([
            "fio", "--name=verify", f"--directory={directory}", f"--rw={action}", "--bs=4k", "--size=48M", "--ioengine=psync",
            "--verify=crc32c", "--verify_fatal=1", "--verify_state_save=0", "--randseed=7", "--fallocate=none",
            # Its fadvise(2) would drop the source's pages and, of a mount, those of the mount alone.
            "--invalidate=0", "--output-format=json", *more], directory=workspace.root)


WORKLOADS: list[Workload] = [*transfers(), Fio("randread"), Fio("randwrite")]
