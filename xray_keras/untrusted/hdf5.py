"""HDF5 files from anywhere, opened after a look at all that they hold.

That is to be numbers in the file itself, and no more of them than a file of its size can have.
Refused are links and data that lead out of the file (soft and external links, external and virtual storage), groups
that contain themselves, and types that are neither numbers nor short texts.
"""

import mmap
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from xray_keras.errors import Damaged, reason, shortened
from xray_keras.untrusted import archives

if TYPE_CHECKING:
    import h5py

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_HEAP = re.compile(rb"GCOL\x01\0\0\0(.{8})", re.DOTALL)  # a heap's beginning, and its length
_MOST_OBJECTS = 100_000
_MOST_NOTE = 1 << 24
"""Bytes of an attribute: the settings of a large model have a hundredth of it."""
_MOST_DEPTH = 64


@contextmanager
def opened(source: Path | IO[bytes]) -> Iterator["h5py.File"]:
    """An HDF5 file, to be read; what fails in the block is damage as well.

    Args:
        source: a path, or an open file that can be sought in.

    Raises:
        Damaged: it is none, or holds what the module's text names.
        OSError: it cannot be opened for want of the file or of permission.
    """
    import h5py

    if isinstance(source, Path):
        with source.open("rb") as start:  # says why it cannot be read, as HDF5 does not
            _check_beginning(start)
        size = source.stat().st_size
    else:
        _check_beginning(source)
        size = archives.length(source)
    try:
        with h5py.File(source, "r") as file:
            _Look(size, lambda: _content(source)).at(file.id, 0)
            yield file
    except Damaged:
        raise
    except Exception as error:  # HDF5 raises nearly anything
        raise Damaged(reason(error)) from None


def _check_beginning(opened: IO[bytes]) -> None:
    opened.seek(0)
    if opened.read(len(SIGNATURE)) != SIGNATURE:
        raise Damaged("it does not begin as HDF5 files do")
    opened.seek(0)


def _content(source: Path | IO[bytes]) -> bytes | mmap.mmap:
    if isinstance(source, Path):
        with source.open("rb") as opened:
            return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    place = source.tell()
    source.seek(0)
    content = source.read()
    source.seek(place)
    return content


class _Look:
    """Goes through a file once and counts."""

    def __init__(self, size: int, content: Callable[[], bytes | mmap.mmap]) -> None:
        self._content = content
        self._heap: int | None = None
        self._size, self._left = size, max(archives.FEW, archives.RATIO * size)
        self._seen: set[int] = set()

    def at(self, group: "h5py.h5g.GroupID", depth: int) -> None:
        import h5py

        self._notes(group)
        if depth > _MOST_DEPTH:
            raise Damaged("its groups are nested too deeply")
        names: list[bytes] = []
        group.links.iterate(lambda name: names.append(name) if len(names) <= _MOST_OBJECTS else True)
        for name in names:
            if group.links.get_info(name).type != h5py.h5l.TYPE_HARD:
                raise Damaged(f"{shortened(name.decode(errors='replace'))} is a link to another place")
            found = h5py.h5o.open(group, name)
            self._once(found)
            if isinstance(found, h5py.h5g.GroupID):
                self.at(found, depth + 1)
            elif isinstance(found, h5py.h5d.DatasetID):
                self._values(found, shortened(name.decode(errors="replace")))
            else:
                raise Damaged(f"{shortened(name.decode(errors='replace'))} is neither a group nor an array")

    def _once(self, found: "h5py.h5g.GroupID | h5py.h5d.DatasetID") -> None:
        import h5py

        address = h5py.h5o.get_info(found).addr
        if address in self._seen:
            raise Damaged("it holds something under two names")
        self._seen.add(address)
        if len(self._seen) > _MOST_OBJECTS:
            raise Damaged("it holds more groups and arrays than any model")

    def _values(self, found: "h5py.h5d.DatasetID", name: str) -> None:
        import h5py

        self._notes(found)
        plan = found.get_create_plist()
        if plan.get_external_count() or plan.get_layout() == h5py.h5d.VIRTUAL:
            raise Damaged(f"the values of {name} lie in another file")
        kind = found.get_type()
        if kind.get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING, h5py.h5t.ENUM):
            raise Damaged(f"{name} holds something else than numbers")
        if kind.get_class() == h5py.h5t.STRING and kind.is_variable_str():
            raise Damaged(f"{name} holds texts of any length")
        if plan.get_layout() == h5py.h5d.CHUNKED:
            self._count(_product(plan.get_chunk()) * kind.get_size(), name)
        self._count(found.get_space().get_simple_extent_npoints() * kind.get_size(), name)

    def _notes(self, of: "h5py.h5g.GroupID | h5py.h5d.DatasetID") -> None:
        import h5py

        notes = h5py.h5a.get_num_attrs(of)
        if notes > _MOST_OBJECTS:
            raise Damaged(f"it has {notes:,} attributes in one place")
        for number in range(notes):
            note = h5py.h5a.open(of, index=number)
            kind = note.get_type()
            if kind.get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING, h5py.h5t.ENUM):
                raise Damaged(
                    f"its attribute {shortened(note.name.decode(errors='replace'))} is no text or number"
                )
            count = note.get_space().get_simple_extent_npoints()
            each = kind.get_size()
            if count > 1 and kind.get_class() == h5py.h5t.STRING and kind.is_variable_str():
                each = self._longest()
            if count * each > (_MOST_NOTE if each == kind.get_size() else archives.FEW):
                raise Damaged(f"its attribute {shortened(note.name.decode(errors='replace'))} is too long")

    def _longest(self) -> int:
        """Bytes that a text of any length can have at most: it lies in a heap, and any number may be the same one."""
        if self._heap is None:
            self._heap = max(
                (int.from_bytes(size, "little") for size in _HEAP.findall(self._content())), default=0
            )
        return self._heap

    def _count(self, claimed: int, name: str) -> None:
        self._left -= claimed
        if self._left < 0:
            raise Damaged(f"it claims to hold far more than {self._size:,} bytes can ({name})")


def _product(sides: tuple[int, ...]) -> int:
    found = 1
    for side in sides:
        found *= side
    return found
