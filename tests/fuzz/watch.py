"""What a case may not do: take memory or time without end, leave its folder, start something, unpickle. Linux alone."""

import ctypes
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Any

SECONDS = 5
"""Of computing that a case may take; the clock is given four times as long, for the machine may be busy."""
MOST = 1 << 30
"""Bytes by which a case may raise the process's memory at its peak."""
_ADDRESSES = 3 << 30
_FORBIDDEN = {
    *("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile", "subprocess.Popen", "pty.spawn"),
    *("pickle.find_class", "socket.connect", "socket.getaddrinfo", "urllib.Request", "shutil.rmtree"),
    *("os.remove", "os.rename", "os.link", "os.symlink", "os.chmod", "ctypes.dlopen", "function.__new__"),
}  # fmt: skip
_EVENTS = (
    0x002 | 0x020 | 0x040 | 0x080 | 0x100 | 0x200
)  # modified, opened, moved from and to, created, deleted


class Watch:
    """Watches this process and a folder.

    Attributes:
        seen: what was done so far that may not be done.
    """

    def __init__(self, outside: Path, case: Path) -> None:
        """Begin; the folder `case` below `outside` alone may be touched."""
        self.seen: list[str] = []
        self.on = False
        self._own = case.name
        libc = ctypes.CDLL(None, use_errno=True)
        self._notes = libc.inotify_init1(os.O_NONBLOCK)
        if self._notes < 0 or libc.inotify_add_watch(self._notes, os.fsencode(outside), _EVENTS) < 0:
            raise OSError(ctypes.get_errno(), "inotify")
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event in _FORBIDDEN and not (event == "function.__new__" and _ours()):
            self.seen.append(f"{event} {str(arguments)[:100]}")
        elif event == "open" and str(arguments[0]).startswith(("/etc/passwd", "../", "/tmp/../", "..\\")):
            self.seen.append(f"open {arguments[0]}")

    def __enter__(self) -> "Watch":
        """A case begins."""
        self.seen.clear()
        self._touched()
        with Path("/proc/self/clear_refs").open("w") as opened:
            opened.write("5")  # the peak is counted from now
        self._before = _memory("VmRSS")
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.setitimer(signal.ITIMER_REAL, 4 * SECONDS)
        self.on = True
        return self

    def __exit__(self, *_: object) -> None:
        """It has ended."""
        self.on = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        grown = _memory("VmHWM") - self._before
        if grown > MOST:
            self.seen.append(f"memory grew by {grown >> 20} MiB")
        self.seen += self._touched()

    def _touched(self) -> list[str]:
        try:
            content = os.read(self._notes, 1 << 16)
        except BlockingIOError:
            return []
        found, place = [], 0
        while place < len(content):
            _, mask, _, length = struct.unpack_from("iIII", content, place)
            name = content[place + 16 : place + 16 + length].rstrip(b"\0").decode(errors="replace")
            place += 16 + length
            if name not in (self._own, ""):
                found.append(f"touched {name} outside its folder (inotify {mask:#x})")
        return found


def limit_memory() -> None:
    """From now on this process cannot take far more addresses than it has."""
    most = _memory("VmSize") + _ADDRESSES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _memory(what: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) << 10
    return 0


def _ours() -> bool:
    """Whether a library makes a function of its own, as dataclasses and tf.function do."""
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name in ("func_load", "_load_lambda"):
            return False
        frame = frame.f_back  # type: ignore[assignment]
    return True
