"""Measures FolioFS and its peers against the source filesystem. `make bench` calls it; docs/PERFORMANCE.md says what is measured."""

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import chart
import table
from families import WORKLOADS
from results import Results
from runner import Runner
from subjects import SUBJECTS
from workspace import Workspace


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--foliofs", type=Path, required=True, help="the program to measure")
    parser.add_argument("--tools", type=Path, required=True, help="the directory of the compiled programs/ and of passthrough_ll")
    parser.add_argument("--output", type=Path, required=True, help="where results.json, table.md and chart.svg go")
    parser.add_argument("--directory", type=Path, required=True, help="where the source lies; its filesystem is what is compared with")
    parser.add_argument("--rows", nargs="*", default=[], help="only rows whose keys contain one of these")
    parser.add_argument("--subjects", nargs="*", default=[], help="only these, beside the source")
    parser.add_argument("--rounds", type=int, help="how many rounds, in place of each workload's own number")
    parser.add_argument("--quick", action="store_true", help="few rounds")
    return parser.parse_args()


def machine(workspace: Workspace) -> dict[str, object]:
    words = ["findmnt", "-n", "-o", "FSTYPE,SOURCE", "-T", str(workspace.source)]
    filesystem = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "?")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "kernel": platform.release(),
        "processor": f"{os.cpu_count()} × {model}",
        "memory": f"{memory / (1 << 30):.0f} GiB",
        "source": filesystem[0],
        "load at the start": f"{os.getloadavg()[0]:.2f}",
    }


def main() -> int:
    asked = arguments()
    asked.output.mkdir(parents=True, exist_ok=True)
    workspace = Workspace(asked.directory, asked.foliofs.resolve(), asked.tools.resolve(), asked.quick)
    try:
        subjects = [
            one for one in SUBJECTS
            if one.is_source or (one.name in asked.subjects if asked.subjects else not one.is_extra)
        ]
        facts = machine(workspace)
        facts |= {one.name: version for one in subjects if (version := one.version())}
        results = Results(facts, [one.name for one in subjects])
        runner = Runner(workspace, subjects, results)
        start = time.monotonic()
        for workload in WORKLOADS:
            if asked.rows and not any(part in row.key for row in workload.rows for part in asked.rows):
                continue
            runner.run(workload, asked.rounds or (workload.quick_rounds if asked.quick else workload.rounds))
            facts["duration"] = f"{time.monotonic() - start:.0f} s, load at the end {os.getloadavg()[0]:.2f}"
            # After each, so that a run that is stopped has left what it knows.
            results.write(asked.output / "results.json")
            (asked.output / "table.md").write_text(table.markdown(results))
            (asked.output / "chart.svg").write_text(chart.svg(results))
        print(asked.output / "table.md")
    finally:
        workspace.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
