"""Small files one after another: opened and read, made, removed."""

from collections.abc import Iterator
from pathlib import Path

from families.metadata import TREE_16K
from workload import Row, Workload
from workspace import Workspace


class OpenReadClose(Workload):
    """Each of 16 000 files opened, read (64 bytes are there), closed; the second pass and later ones count."""

    rows = (Row("open-read-close", "open, read 4k, close", target=10),)

    def prepare(self, workspace: Workspace) -> None:
        TREE_16K.prepare(workspace)

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        _, *warm = workspace.tool("open_read_close", place / TREE_16K.name, TREE_16K.names(workspace), 3)
        yield "open-read-close", min(warm)


class CreateUnlink(Workload):
    """5000 files of 1 KiB made in one directory, then unlinked."""

    rows = (
        Row("create", "create, write 1k, close: 5000 files", target=4),
        Row("unlink", "unlink 5000 files"),
    )

    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        created, unlinked = workspace.tool("create_unlink", place / "scratch", 5000, 1024)
        yield "create", created
        yield "unlink", unlinked


WORKLOADS: list[Workload] = [OpenReadClose(), CreateUnlink()]
