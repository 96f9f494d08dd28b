"""A subject mounted for one sample: its daemon, when it answers, what memory it takes, and its end."""

import os
import select
import signal
import subprocess
from pathlib import Path


class MountFailure(Exception):
    """A daemon that did not mount or did not go away."""


class Mount:
    """A FUSE daemon kept in the foreground; leaving the context unmounts and waits for its end."""

    def __init__(self, command: list[str], mountpoint: Path, log: Path, limit: float = 20):
        self.mountpoint = mountpoint
        self._limit = limit
        self._log = log
        with log.open("wb") as out:
            self._daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self._exit = os.pidfd_open(self._daemon.pid)

    def __enter__(self) -> "Mount":
        try:
            self._wait_for_mount()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _wait_for_mount(self) -> None:
        """Returns when the mount is in the mount table and has answered once."""
        with open("/proc/self/mountinfo", "rb", buffering=0) as table:
            poll = select.poll()
            poll.register(table, select.POLLERR | select.POLLPRI)
            poll.register(self._exit, select.POLLIN)
            while not self._is_mounted(table.read):
                ready = poll.poll(self._limit * 1000)
                if not ready or any(descriptor == self._exit for descriptor, _ in ready):
                    said = self._log.read_text(errors="replace").strip()
                    raise MountFailure(f"{self._daemon.args[0]} did not mount: {said or 'it said nothing'}")
                table.seek(0)
        os.stat(self.mountpoint)

    def _is_mounted(self, read) -> bool:
        text = b""
        while part := read(1 << 16):
            text += part
        return any(line.split()[4] == os.fsencode(self.mountpoint) for line in text.splitlines())

    @property
    def process(self) -> int:
        """The daemon's, or its supervisor's."""
        return self._daemon.pid

    def forget_peak(self) -> None:
        """Makes `peak` begin anew."""
        Path(f"/proc/{self._daemon.pid}/clear_refs").write_text("5")

    def peak(self) -> int | None:
        """The most bytes that the daemon had resident since `forget_peak`; None where it is gone."""
        try:
            for line in Path(f"/proc/{self._daemon.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        except OSError:
            pass
        return None

    def abort(self) -> None:
        """Makes the kernel answer every request of this mount with ENOTCONN, whatever the daemon does."""
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            fields = line.split()
            if fields[4] == str(self.mountpoint):
                minor = fields[2].split(":")[1]
                Path(f"/sys/fs/fuse/connections/{minor}/abort").write_text("1")

    def _end(self) -> None:
        subprocess.run(["umount", str(self.mountpoint)], stderr=subprocess.DEVNULL, check=False)
        try:
            self._daemon.wait(self._limit)
        except subprocess.TimeoutExpired:
            self.abort()
            subprocess.run(["umount", "--lazy", str(self.mountpoint)], stderr=subprocess.DEVNULL, check=False)
            self._daemon.send_signal(signal.SIGKILL)
            self._daemon.wait()
        os.close(self._exit)
