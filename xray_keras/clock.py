"""Times of files under a clock that jumps: make decides by them what is out of date."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

_APART = 1_000_000
"""Nanoseconds between two files: more than the grain of usual file systems."""


def settle(folders: Iterable[Path]) -> None:
    """Bring times that are still to come back to just before now, in their order.

    A clock that was ahead, or that of another machine, leaves files that seem newer than whatever changes later: what
    is made of the change would never be made.

    Args:
        folders: with what stages have written, at any depth; those that are absent are passed over.

    Raises:
        OSError: a time cannot be set.
    """
    now = time.time_ns()
    found = (
        (path.stat().st_mtime_ns, path) for folder in folders for path in folder.rglob("*") if path.is_file()
    )
    ahead = sorted((stamp, path) for stamp, path in found if stamp > now)
    for place, (_, path) in enumerate(ahead):
        stamp = now - (len(ahead) - place) * _APART
        os.utime(path, ns=(stamp, stamp))
