"""Pieces of hostile files: pickles that run something, archives that climb or swell."""

import io
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz.reader import Files, Outside
from xray_keras.untrusted.archives import FEW


class _Runs:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.canary),)


def running(outside: Outside) -> Any:
    """What makes the canary where it is unpickled."""
    return _Runs(outside.canary)


def PICKLED(outside: Outside) -> bytes:
    """The same by the oldest protocol, and by a name that tells nothing."""
    return pickle.dumps(running(outside), protocol=0)


def archives(name: str, sound: bytes, outside: Outside) -> Mapping[str, Files]:
    """A sound archive of arrays made hostile in the ways that archives can be."""
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    objects = io.BytesIO()
    np.save(objects, np.array([running(outside)], object), allow_pickle=True)
    first = next(iter(members))
    return {
        "an array of objects": {name: zipped(members | {first: objects.getvalue()})},
        "a member that swells": {name: swelling(first, members[first][:128])},
        "a member that is a pickle": {name: zipped(members | {first: PICKLED(outside)})},
        "no archive": {name: b"PK\3\4" + bytes(300)},
    }


def zipped(members: Mapping[str, bytes]) -> bytes:
    """An archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return made.getvalue()


@cache
def zeros(start: bytes, *, gzipped: bool = False) -> tuple[bytes, int]:
    """More zeros than any file may unpack to, after a start, deflated; and the checksum of all. Zeros repeat."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if gzipped else -15)
    head = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    one = packer.compress(bytes(_ONE)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = zlib.crc32(start)
    for _ in range(_TIMES):
        check = zlib.crc32(_ZEROS, check)
    return head + one * _TIMES + (b"" if gzipped else b"\3\0"), check


_ONE, _TIMES = 1 << 22, (FEW >> 22) + 1
_ZEROS = bytes(_ONE)


def swelling(member: str, start: bytes = b"") -> bytes:
    """An archive with one member, some hundred kilobytes, that unpacks to more than any file may."""
    data, check = zeros(start)
    name, size = member.encode(), len(start) + _ONE * _TIMES
    about = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 33, check, len(data), size, len(name), 0)
    local = b"PK\3\4" + about + name + data
    listed = b"PK\1\2" + struct.pack("<H", 20) + about + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + name
    return local + listed + b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(listed), len(local), 0)
