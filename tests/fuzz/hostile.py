"""Pieces of hostile files: pickles that run something, archives that climb or swell."""

import io
import os
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz.reader import Files, Outside
from xray_keras.archives import FEW


class _Runs:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.canary),)


def running(outside: Outside) -> Any:
    """What makes the canary where it is unpickled."""
    return _Runs(outside.canary)


def PICKLED(outside: Outside) -> bytes:  # noqa: N802
    """The same by the oldest protocol, and by a name that tells nothing."""
    return pickle.dumps(running(outside), protocol=0)


def archives(name: str, sound: bytes, outside: Outside) -> Mapping[str, Files]:
    """A sound archive of arrays made hostile in the ways that archives can be."""
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    objects = io.BytesIO()
    np.save(objects, np.array([running(outside)], object), allow_pickle=True)
    first = next(iter(members))
    huge = members[first][:128] + bytes(FEW)
    return {
        "an array of objects": {name: _zipped(members | {first: objects.getvalue()})},
        "a member that swells": {name: _zipped(members | {first: huge})},
        "a member that is a pickle": {name: _zipped(members | {first: PICKLED(outside)})},
        "no archive": {name: b"PK\3\4" + bytes(300)},
    }


def _zipped(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return made.getvalue()
