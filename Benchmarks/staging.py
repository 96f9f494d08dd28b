"""Staging against cp(1) onto a tmpfs of the same kind: a file of 512 MiB in the page cache, interleaved, medians."""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from mount import Mount

SIZE = 512 << 20
ROUNDS = 9
#: The share of cp's speed that staging must reach.
TARGET = 0.7


def copied(source: Path, directory: Path) -> float:
    """Seconds that cp takes."""
    began = time.monotonic()
    subprocess.run(["cp", source, directory / "copy"], check=True)
    took = time.monotonic() - began
    (directory / "copy").unlink()
    return took


def staged(foliofs: Path, place: Path, file: Path) -> float:
    """Seconds from asking for a copy to its being there, all of it found PMD-mapped."""
    command = [foliofs, "mount", file.parent, place, "--foreground", "--route", "staged", "--stage-limit", "1G"]
    with Mount([str(word) for word in command], place, place.parent / "log"):
        began = time.monotonic()
        said = subprocess.run([foliofs, "promote", "--wait", "--json", place / file.name], check=True, capture_output=True)
        took = time.monotonic() - began
    (result,) = json.loads(said.stdout)["files"]
    if result["route"] != "staged" or result["pmdBytes"] != SIZE:
        raise ValueError(f"not staged in huge pages: {result}")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--foliofs", type=Path, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        root = Path(name)
        for part in ("source", "mount", "tmpfs"):
            (root / part).mkdir()
        file = root / "source" / "file"
        file.write_bytes(bytes(range(256)) * (SIZE // 256))
        subprocess.run(["mount", "-t", "tmpfs", "-o", "huge=within_size,size=1G", "none", root / "tmpfs"], check=True)
        try:
            subprocess.run(["cat", file], check=True, stdout=subprocess.DEVNULL)
            times: dict[str, list[float]] = {"cp": [], "staging": []}
            for _ in range(ROUNDS):
                times["cp"].append(copied(file, root / "tmpfs"))
                times["staging"].append(staged(options.foliofs, root / "mount", file))
        finally:
            subprocess.run(["umount", root / "tmpfs"], check=True)
    cp, own = (statistics.median(times[name]) for name in ("cp", "staging"))
    print(f"staging: {SIZE / own / 1e9:.2f} GB/s, cp {SIZE / cp / 1e9:.2f} GB/s, ratio {cp / own:.2f} (target {TARGET} or more)")


if __name__ == "__main__":
    main()
