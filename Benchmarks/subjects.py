"""What is measured: the source filesystem itself, FolioFS, and the peers that mirror a directory through FUSE."""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mount import Mount
from workspace import Workspace


@dataclass(frozen=True)
class Subject:
    """One filesystem to measure: `command` mounts `workspace.source` and stays in the foreground."""

    name: str
    what: str
    command: tuple[str, ...] = ()
    #: The Debian package it comes from.
    package: str | None = None
    #: Measured only where it is named.
    is_extra: bool = False

    @property
    def is_source(self) -> bool:
        return not self.command

    @contextlib.contextmanager
    def mounted(self, workspace: Workspace) -> Iterator[tuple[Path, Mount | None]]:
        """The directory to work in, and the daemon behind it."""
        if self.is_source:
            yield workspace.source, None
            return
        with Mount(self.words(workspace), workspace.mountpoint, workspace.log) as mount:
            yield workspace.mountpoint, mount

    def words(self, workspace: Workspace) -> list[str]:
        places = {
            "source": workspace.source,
            "mount": workspace.mountpoint,
            "empty": workspace.empty,
            "work": workspace.overlay_work,
            "foliofs": workspace.foliofs,
            "tools": workspace.tools,
        }
        return [word.format(**places) for word in self.command]

    def version(self) -> str | None:
        """What package manager says of `package`."""
        if not self.package:
            return None
        words = ["dpkg-query", "-W", "-f", "${Version}", self.package]
        return f"{self.package} {subprocess.run(words, capture_output=True, text=True, check=True).stdout}"


SUBJECTS = [
    Subject("source", "the source directory itself"),
    Subject(
        "foliofs",
        "FolioFS as it comes",
        ("{foliofs}", "mount", "{source}", "{mount}", "--foreground"),
    ),
    Subject(
        "foliofs-supervised",
        "FolioFS with another server ready to take over",
        ("{foliofs}", "mount", "{source}", "{mount}", "--foreground", "--supervised"),
        is_extra=True,
    ),
    Subject(
        "passthrough_ll",
        "libfuse's example, with xattrs and locks as the others have them",
        (
            "{tools}/passthrough_ll", "-f", "-o", "source={source},xattr,flock,cache=auto",
            "-o", "allow_other,default_permissions", "{mount}",
        ),
        "libfuse3-dev",
    ),
    Subject("bindfs", "bindfs as it comes", ("bindfs", "-f", "{source}", "{mount}"), "bindfs"),
    Subject(
        "mergerfs",
        "mergerfs over one branch",
        ("mergerfs", "-f", "-o", "allow_other", "{source}", "{mount}"),
        "mergerfs",
    ),
    Subject(
        "fuse-overlayfs",
        "fuse-overlayfs with an empty lower directory",
        (
            "fuse-overlayfs", "-f", "-o", "lowerdir={empty},upperdir={source},workdir={work}",
            "-o", "allow_other", "{mount}",
        ),
        "fuse-overlayfs",
    ),
    Subject(
        "floor",
        "a server without a source: what FUSE itself takes. For stat, open, create and unlink, all on one processor",
        ("{tools}/floor", "{source}", "{mount}"),
        is_extra=True,
    ),
]
