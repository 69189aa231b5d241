"""Shards of TensorFlow.js models: binary files that a manifest names, all of them beside it."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xray_keras.errors import Damaged, shortened

_MOST_SHARDS = 10_000


def places(manifest: Path, names: Any) -> list[Path]:
    """The files that a group of a manifest names.

    Args:
        manifest: path of it.
        names: the group's "paths", of which anything may have become.

    Raises:
        Damaged: no list of names, a name that leads elsewhere than beside the manifest, or no such file.
    """
    if not isinstance(names, list) or len(names) > _MOST_SHARDS:
        raise Damaged("it does not list its shards")
    found = []
    for name in names:
        if not isinstance(name, str) or Path(name).name != name or "\\" in name or not name.isprintable():
            raise Damaged(f"it names a shard {shortened(name)}, which is no file beside it")
        found.append(manifest.parent / name)
        if not _is_there(found[-1]):
            raise Damaged(f"its shard {shortened(name)} is missing; put every shard beside it")
    if len(set(found)) < len(found):
        raise Damaged("it lists a shard twice")
    return found


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False


def joined(found: Sequence[Path]) -> bytes:
    """Their contents, one after the other.

    Raises:
        OSError: one cannot be read.
    """
    return b"".join(shard.read_bytes() for shard in found)


def sides(shape: Any) -> tuple[int, ...]:
    """A tensor's shape.

    Raises:
        Damaged: no list of whole numbers, or more than any tensor has.
    """
    if not isinstance(shape, list) or not all(type(side) is int and side >= 0 for side in shape):
        raise Damaged(f"a tensor has the shape {shortened(shape)}")
    if len(shape) > 16 or math.prod(shape) > 1 << 40:
        raise Damaged(f"a tensor has the shape {shortened(shape)}")
    return tuple(shape)
