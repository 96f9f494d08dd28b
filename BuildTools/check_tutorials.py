"""Builds the tutorials of the libraries as a reader would, from what their documents show, and runs them.

usage: check_tutorials.py DIRECTORY          where the packages are made and built; kept for the next time

Each tutorial is a document with blocks of Swift: the first is Package.swift, the others together are the program.
"""

import pathlib
import re
import select
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TUTORIALS = {
    "Clock": ("Sources/FuseServer/FuseServer.docc/FirstFilesystem.md", "Clock.swift"),
    "Ask": ("Sources/FolioPolicy/FolioPolicy.docc/AskingAboutAKernel.md", "main.swift"),
}


def build(name, directory):
    """The program that a tutorial's document makes."""
    document, file = TUTORIALS[name]
    manifest, *program = re.findall(r"^```swift\n(.*?)^```", (ROOT / document).read_text(), re.M | re.S)
    package = directory / name
    (package / "Sources" / name).mkdir(parents=True, exist_ok=True)
    (package / "Package.swift").write_text(manifest.replace('path: "../foliofs"', f'path: "{ROOT}"'))
    (package / "Sources" / name / file).write_text("\n".join(program))
    subprocess.run(["swift", "build", "--package-path", package, "--product", name], check=True)
    return package / ".build" / "debug" / name


def ask(program):
    """It says what is missing, then that a collapse is allowed, and then which rule of a later kernel denies it."""
    said = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[0].startswith("unknown [\"file."), said
    assert said[1] == "allowed []", said
    assert said[2] == "denied EINVAL" and said[3].startswith("capability.pmd; "), said


def clock(program):
    """It is mounted, lists one file, tells the time in it, and ends when it is unmounted. Takes /dev/fuse and root or fusermount3."""
    with tempfile.TemporaryDirectory() as place:
        served = subprocess.Popen([program, place])
        now = pathlib.Path(place) / "now"
        end = time.monotonic() + 20
        try:
            while not now.exists():
                assert served.poll() is None and time.monotonic() < end, "it has not mounted"
                wait_for_mount(0.05)
            assert [entry.name for entry in pathlib.Path(place).iterdir()] == ["now"]
            assert abs(int(now.read_text()) - time.time()) < 20, now.read_text()
        finally:
            subprocess.run(["fusermount3", "-u", place], check=served.poll() is None)
        assert served.wait(20) == 0, served.returncode


def wait_for_mount(seconds):
    """Waits for a change of the mount table, no longer than this."""
    with open("/proc/self/mounts") as mounts:
        poll = select.poll()
        poll.register(mounts, select.POLLERR | select.POLLPRI)
        poll.poll(seconds * 1000)


def main():
    directory = pathlib.Path(sys.argv[1])
    ask(build("Ask", directory))
    clock(build("Clock", directory))
    print("both tutorials build, and do what they say")


if __name__ == "__main__":
    main()
