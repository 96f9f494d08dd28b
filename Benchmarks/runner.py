"""Rounds: every workload by every subject in turn, another subject first in each round."""

import sys
from collections.abc import Sequence

from mount import MountFailure
from results import Results
from subjects import Subject
from workload import Workload
from workspace import CommandFailure, Workspace


class Runner:
    def __init__(self, workspace: Workspace, subjects: Sequence[Subject], results: Results):
        self._workspace = workspace
        self._subjects = subjects
        self._results = results

    def run(self, workload: Workload, rounds: int) -> None:
        for turn in range(rounds):
            first = turn % len(self._subjects)
            for subject in [*self._subjects[first:], *self._subjects[:first]]:
                self._sample(workload, subject)
        for row in workload.rows:
            self._say(row)

    def _sample(self, workload: Workload, subject: Subject) -> None:
        """One mount, one measurement. A failure costs the rows that it left without a value."""
        missing = {row.key: row for row in workload.rows}
        try:
            workload.prepare(self._workspace)
            if workload.cold:
                self._workspace.forget(workload.cold)
            with subject.mounted(self._workspace) as (place, mount):
                if mount:
                    mount.forget_peak()
                for key, value in workload.measure(self._workspace, place):
                    self._results.series(missing.pop(key), subject.name).add(value, mount.peak() if mount else None)
                    if mount:
                        mount.forget_peak()
        except (CommandFailure, MountFailure, OSError) as failure:
            for row in missing.values():
                self._results.series(row, subject.name).fail(str(failure))
        finally:
            self._workspace.empty_scratch()

    def _say(self, row) -> None:
        best = self._results.best(row, "source")
        ratios = []
        for subject in self._subjects[1:]:
            ratio = self._results.ratio(row, subject.name)
            said = f"{ratio.best:.2f}" if ratio else self._results.series(row, subject.name).failure
            ratios.append(f"{subject.name} {said}")
        print(f"{row.title:40} source {best or 0:.4f} {row.unit:6} {'  '.join(ratios)}", file=sys.stderr, flush=True)
