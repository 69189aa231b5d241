"""The machine itself: Python, processors, memory, room on the disk, make and git."""

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from xray_keras.doctor import child
from xray_keras.doctor.finding import FAILED, NOTE, OK, Finding

PYTHONS = ((3, 11), (3, 13))
"""First and last version that the suite runs on."""
MAKE = (3, 81)
LEAST_MEMORY = 4e9
LEAST_DISK, ROOM = 1e9, 5e9
"""Bytes: below the first a demo run may not end; below the second a few of them fill the disk."""
_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def examine(folder: Path) -> Iterator[Finding]:
    """Everything about the machine; `folder` is where runs will lie."""
    yield _python()
    yield _processors()
    yield _memory()
    yield _disk(folder)
    yield _make()
    yield _git()


def _python() -> Finding:
    version, here = platform.python_version(), sys.version_info[:2]
    first, last = (".".join(map(str, each)) for each in PYTHONS)
    if PYTHONS[0] <= here <= PYTHONS[1]:
        return Finding("Python", OK, f"{version}, {sys.executable}", facts={"version": version})
    remedy = f"install one from {first} to {last}, delete .venv and say make PYTHON=/path/to/it"
    return Finding(
        "Python", FAILED, f"{version}; the suite runs on {first} to {last}", remedy, {"version": version}
    )


def _processors() -> Finding:
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = {name: os.environ[name] for name in _THREADS if name in os.environ}
    facts = {"processors": here, "threads": threads}
    if threads:
        told = ", ".join(f"{name}={value}" for name, value in threads.items())
        remedy = "unset them unless you mean them: they decide how many threads a run uses"
        return Finding("processors", NOTE, f"{here}, but {told}", remedy, facts)
    if here < 2:
        return Finding("processors", NOTE, "1; times in README and make help are of two", "say JOBS=1", facts)
    return Finding("processors", OK, f"{here}; a demo run is sized for two", facts=facts)


def _memory() -> Finding:
    total = _total_memory()
    if total is None:
        return Finding("memory", NOTE, "how much there is cannot be told here; runs want 4 GB")
    facts = {"bytes": total}
    if total < LEAST_MEMORY:
        remedy = "say JOBS=1, and close other programs while a run lasts"
        return Finding("memory", NOTE, f"{total / 1e9:.1f} GB; runs want 4 GB", remedy, facts)
    return Finding("memory", OK, f"{total / 1e9:.0f} GB", facts=facts)


def _total_memory() -> int | None:
    """Bytes of this machine, or what its container grants where that is less."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    for limit in map(Path, _LIMITS):
        try:
            total = min(total, int(limit.read_text()))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return total


def _disk(folder: Path) -> Finding:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            "disk", FAILED, f"{folder} cannot be looked at ({error.strerror})", "go to another folder"
        )
    facts = {"folder": str(folder), "free": free}
    said = f"{free / 1e9:,.1f} GB free for runs/ in {folder}"
    if not os.access(folder, os.W_OK):
        return Finding(
            "disk", FAILED, f"{folder} is not writable", "go to the suite's own folder, or to another", facts
        )
    if free < LEAST_DISK:
        return Finding("disk", FAILED, said, "free a gigabyte: make clean, or delete folders of runs/", facts)
    if free < ROOM:
        return Finding(
            "disk",
            NOTE,
            said,
            "the demo runs of all papers take some 3 GB, and images at SCALE=paper 10 GB",
            facts,
        )
    return Finding("disk", OK, said, facts=facts)


def _make() -> Finding:
    program = shutil.which("make")
    if program is None:
        return Finding(
            "make", FAILED, "is not on the PATH", "install GNU make (build-essential, Xcode's tools, MSYS2)"
        )
    answer = child.ask([program, "--version"], 20)
    version = re.match(r"GNU Make (\d+)\.(\d+)", answer.printed)
    if version is None:
        told = answer.failure or (answer.printed.strip().splitlines() or ["nothing"])[0]
        return Finding(
            "make", FAILED, f"{program} is not GNU make ({told})", "install GNU make, as gmake or make"
        )
    if (int(version[1]), int(version[2])) < MAKE:
        return Finding("make", FAILED, f"{version[0]} is too old", "install GNU make 3.81 or later")
    return Finding("make", OK, f"{version[0]}, {program}")


def _git() -> Finding:
    program = shutil.which("git")
    if program is None:
        return Finding("git", NOTE, "is not on the PATH", "install it to fetch newer versions of the suite")
    return Finding("git", OK, program)
