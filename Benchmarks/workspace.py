"""The directories of one run, all on the filesystem that is the source."""

import enum
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path


class Cold(enum.Enum):
    """What is not cached when a sample begins, as written to drop_caches (proc_sys_vm(5))."""

    #: No dentry or inode; pages of files and of the disk stay. Measures the work of finding names, not the disk.
    NAMES = "2"
    #: Nothing: everything comes from the disk.
    DISK = "3"


class CommandFailure(Exception):
    """A workload's program that failed or ran into its limit; its text is what to show in the table."""


class Workspace:
    """`source` is what every subject mirrors; fixtures are made in it once, `scratch` inside it is emptied after each sample."""

    def __init__(self, parent: Path, foliofs: Path, tools: Path, quick: bool):
        parent.mkdir(parents=True, exist_ok=True)
        self.root = Path(tempfile.mkdtemp(prefix="foliofs-bench-", dir=parent)).resolve()
        self.foliofs = foliofs
        self.tools = tools
        self.quick = quick
        self.source = self._made("source")
        # ext4 passes over inodes unlinked within the last seconds, and a new directory is put beside them: each round would pay for the one
        # before. Below a top directory each has a place of its own (chattr(1)).
        subprocess.run(["chattr", "+T", self.source], stderr=subprocess.DEVNULL, check=False)
        self.scratch = self._made("source/scratch")
        self.mountpoint = self._made("mount")
        self.empty = self._made("empty")
        self.overlay_work = self._made("overlay-work")
        self.archives = self._made("archives")
        self.log = self.root / "daemon.log"

    def _made(self, name: str) -> Path:
        path = self.root / name
        path.mkdir()
        return path

    def fixture(self, name: str, make: Callable[[Path], None]) -> Path:
        """The directory `name` of the source, made by `make` when it is first asked for."""
        path = self.source / name
        if not path.exists():
            path.mkdir()
            make(path)
        return path

    def empty_scratch(self) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()

    def forget(self, what: Cold) -> None:
        """Drops what the kernel can let go of, for every subject alike, before it is mounted."""
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text(what.value)

    def run(self, words: list[str], limit: float = 120, directory: Path | None = None) -> str:
        """Runs a program to its end and returns what it printed.

        Raises CommandFailure with the errno's name where the program said one."""
        try:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit, cwd=directory,
                errors="replace", env=os.environ | {"LC_ALL": "C", "GIT_CONFIG_GLOBAL": "/dev/null"}, check=False)
        except subprocess.TimeoutExpired:
            raise CommandFailure(f"over {limit:.0f} s") from None
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]
            raise CommandFailure(said.rsplit(": ", 1)[-1] if len(said) < 80 else f"{Path(words[0]).name} failed")
        return done.stdout

    def tool(self, name: str, *words: object, limit: float = 120) -> list[float]:
        """Runs one of programs/ and returns the numbers it printed."""
        return [float(word) for word in self.run([str(self.tools / name), *map(str, words)], limit).split()]

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
