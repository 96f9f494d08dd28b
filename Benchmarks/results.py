"""What was measured, and the figures that tables show."""

import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workload import Row

SOURCE = "source"


@dataclass
class Series:
    """The samples of one subject in one row, a sample for each round; None where it failed."""

    values: list[float | None] = field(default_factory=list)
    #: The most bytes its daemon had resident, over all rounds.
    memory: int | None = None
    failure: str | None = None

    def add(self, value: float, memory: int | None) -> None:
        self.values.append(value)
        if memory is not None:
            self.memory = max(self.memory or 0, memory)

    def fail(self, why: str) -> None:
        self.values.append(None)
        self.failure = why


@dataclass(frozen=True)
class Ratio:
    """A subject's time against the source's in the same run."""

    #: Best of its rounds against best of the source's.
    best: float
    #: Of the ratios round by round.
    median: float
    low: float
    high: float


class Results:
    """Every sample of a run by row and subject, with the facts of the machine."""

    def __init__(self, machine: dict[str, object], subjects: list[str]):
        self.machine = machine
        self.subjects = subjects
        self.rows: list[Row] = []
        self._series: dict[tuple[str, str], Series] = {}

    def series(self, row: Row, subject: str) -> Series:
        if row not in self.rows:
            self.rows.append(row)
        return self._series.setdefault((row.key, subject), Series())

    def best(self, row: Row, subject: str) -> float | None:
        return min((value for value in self.series(row, subject).values if value is not None), default=None)

    def ratio(self, row: Row, subject: str) -> Ratio | None:
        pairs = zip(self.series(row, subject).values, self.series(row, SOURCE).values)
        ratios = [mine / theirs for mine, theirs in pairs if mine is not None and theirs]
        mine, theirs = self.best(row, subject), self.best(row, SOURCE)
        if not ratios or mine is None or not theirs:
            return None
        return Ratio(mine / theirs, statistics.median(ratios), min(ratios), max(ratios))

    def write(self, path: Path) -> None:
        rows = []
        for row in self.rows:
            subjects = {}
            for subject in self.subjects:
                ratio = self.ratio(row, subject)
                subjects[subject] = asdict(self.series(row, subject)) | {"ratio": asdict(ratio) if ratio else None}
            rows.append(asdict(row) | {"subjects": subjects})
        path.write_text(json.dumps({"machine": self.machine, "rows": rows}, indent=1) + "\n")
