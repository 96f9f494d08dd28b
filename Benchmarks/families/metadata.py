"""Names and attributes: stat storms, find, git status."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workload import Row, Workload
from workspace import Cold, Workspace


def make_files(root: Path, directories: int) -> None:
    """`directories` directories of 100 files of 64 bytes."""
    content = bytes(64)
    for directory in range(directories):
        path = root / f"directory-{directory:04}"
        path.mkdir()
        for file in range(100):
            with open(f"{path}/file-{file:04}.txt", "wb") as out:
                out.write(content)


@dataclass(frozen=True)
class Tree:
    """A tree of the source with a list of its files beside it."""

    label: str
    directories: int

    @property
    def name(self) -> str:
        return f"tree-{self.label}"

    def names(self, workspace: Workspace) -> Path:
        return workspace.root / f"names-{self.label}"

    def prepare(self, workspace: Workspace) -> None:
        tree = workspace.fixture(self.name, lambda root: make_files(root, self.directories))
        if not self.names(workspace).exists():
            lines = (f"{path.relative_to(tree)}\n" for path in sorted(tree.glob("*/*")))
            self.names(workspace).write_text("".join(lines))


TREE_16K = Tree("16k", 160)
TREE_200K = Tree("200k", 2000)


def timed(workspace: Workspace, words: list[str]) -> float:
    start = time.monotonic()
    workspace.run(words)
    return time.monotonic() - start


class StatStorm(Workload):
    """Every name of a known list, stat by stat: with nothing cached, and again."""

    def __init__(self, tree: Tree, cold: Cold, rounds: int, passes: int):
        self._tree = tree
        self._passes = passes
        self.cold = cold
        self.rounds = rounds
        self.quick_rounds = min(rounds, 2)
        what, target = ("from disk", 2) if cold is Cold.DISK else ("no names cached", None)
        first = Row(f"stat-{tree.label}-{cold.name.lower()}", f"stat {tree.label} files, {what}", target=target)
        again = Row(f"stat-{tree.label}-warm", f"stat {tree.label} files, warm", target=1.1)
        self.rows = (first, again) if cold is Cold.DISK else (first,)

    def prepare(self, workspace: Workspace) -> None:
        self._tree.prepare(workspace)

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        passes = self._passes if len(self.rows) > 1 else 1
        first, *again = workspace.tool("stat_storm", place / self._tree.name, self._tree.names(workspace), passes)
        yield self.rows[0].key, first
        if again:
            yield self.rows[1].key, min(again)


class Find(Workload):
    """find -ls over 16 000 files: with nothing cached, and again."""

    def __init__(self, cold: Cold):
        self.cold = cold
        what, target = ("from disk", 2) if cold is Cold.DISK else ("no names cached", None)
        first = Row(f"find-ls-{cold.name.lower()}", f"find -ls, 16k files, {what}", target=target)
        again = Row("find-ls-warm", "find -ls, 16k files, warm", target=2)
        self.rows = (first, again) if cold is Cold.DISK else (first,)

    def prepare(self, workspace: Workspace) -> None:
        TREE_16K.prepare(workspace)

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        words = ["find", str(place / TREE_16K.name), "-ls"]
        yield self.rows[0].key, timed(workspace, words)
        if len(self.rows) > 1:
            yield self.rows[1].key, min(timed(workspace, words) for _ in range(3))


class GitStatus(Workload):
    """git status in a clean repository of 20 000 files: with nothing cached, and again."""

    cold = Cold.DISK
    rows = (
        Row("git-status-disk", "git status, 20k files, from disk", target=1.5),
        Row("git-status-warm", "git status, 20k files, warm", target=1.5),
    )

    def prepare(self, workspace: Workspace) -> None:
        repository = workspace.fixture("repository", self._make)
        # A subject with inode numbers of its own makes git write the index anew: every sample begins with the source's.
        index, kept = repository / ".git/index", workspace.archives / "index"
        shutil.copy2(*((kept, index) if kept.exists() else (index, kept)))

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        words = ["git", "-C", str(place / "repository"), "status", "--porcelain"]
        yield "git-status-disk", timed(workspace, words)
        yield "git-status-warm", min(timed(workspace, words) for _ in range(3))

    @staticmethod
    def _make(root: Path) -> None:
        make_files(root, 200)
        git = ["git", "-C", str(root), "-c", "core.looseCompression=0", "-c", "user.name=bench", "-c", "user.email=bench"]
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "files"], ["status", "--porcelain"]):
            subprocess.run([*git, *words], check=True, stdout=subprocess.DEVNULL)


WORKLOADS: list[Workload] = [
    StatStorm(TREE_16K, Cold.DISK, rounds=4, passes=4),
    StatStorm(TREE_16K, Cold.NAMES, rounds=4, passes=1),
    StatStorm(TREE_200K, Cold.DISK, rounds=2, passes=2),
    Find(Cold.DISK),
    Find(Cold.NAMES),
    GitStatus(),
]
