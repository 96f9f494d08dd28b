"""The pause that a program sees when the server of a supervised mount is killed, with few and many nodes known to the kernel."""

import argparse
import os
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from mount import Mount

PER_DIRECTORY = 1000


def server(supervisor: int) -> int:
    """The process that serves."""
    return int(Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()[0])


def pauses(foliofs: Path, root: Path, nodes: int, kills: int) -> list[float]:
    source, place = root / "source", root / "mount"
    for directory in range((nodes + PER_DIRECTORY - 1) // PER_DIRECTORY):
        path = source / f"d{directory}"
        path.mkdir(exist_ok=True)
        for file in range(min(PER_DIRECTORY, nodes - directory * PER_DIRECTORY)):
            os.close(os.open(f"{path}/f{file}", os.O_CREAT | os.O_WRONLY, 0o644))
    command = [str(foliofs), "mount", str(source), str(place), "--foreground", "--supervised"]
    with Mount(command, place, root / "log") as mount:
        subprocess.run(["find", place, "-size", "+1"], check=True, stdout=subprocess.DEVNULL)
        return [pause(mount.process, place / f"none{number}") for number in range(kills)]


def pause(supervisor: int, absent: Path) -> float:
    """Seconds from the death of a server to the answer of the next, about a name that the kernel has yet to ask for."""
    process = server(supervisor)
    began = time.monotonic()
    os.kill(process, signal.SIGKILL)
    absent.exists()
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--foliofs", type=Path, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--nodes", default="10,10000,1000000")
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    for nodes in map(int, options.nodes.split(",")):
        with tempfile.TemporaryDirectory(dir=options.directory) as name:
            root = Path(name)
            for part in ("source", "mount"):
                (root / part).mkdir()
            # Making a million files is not what is measured.
            subprocess.run(["mount", "-t", "tmpfs", "none", root / "source"], check=True)
            try:
                times = sorted(pauses(options.foliofs, root, nodes, options.kills))
            finally:
                subprocess.run(["umount", root / "source"], check=True)
        print(f"{nodes:>8} nodes: median {statistics.median(times) * 1000:.0f} ms, worst {times[-1] * 1000:.0f} ms")


if __name__ == "__main__":
    main()
