"""What a family of rows says of its work."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workspace import Cold, Workspace


@dataclass(frozen=True)
class Row:
    """One row of the table. Its values are seconds (or seconds for each GiB); less is better."""

    key: str
    title: str
    unit: str = "s"
    #: The most that FolioFS may take, source = 1.
    target: float | None = None


class Workload(ABC):
    """Work that gives one or several rows from one mount."""

    rows: tuple[Row, ...]
    #: How often every subject is measured in a full run, and in a quick one.
    rounds = 4
    quick_rounds = 2
    #: What is dropped from the kernel's caches before each mount.
    cold: Cold | None = None

    def prepare(self, workspace: Workspace) -> None:
        """Makes on the source what a sample needs; not measured, called before each mount."""

    @abstractmethod
    def measure(self, workspace: Workspace, place: Path) -> Iterator[tuple[str, float]]:
        """Works in `place`, which shows the source, and yields a row's key with its value each time one is known."""
