"""What a reader is to the harness: files that it reads, made by code, and how it is called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Files = Mapping[str, bytes]
"""Name below a case's folder → content; the first is the one that the reader is pointed at."""


@dataclass(frozen=True)
class Reader:
    """A reader of files.

    Attributes:
        name: of it.
        seeds: makes files that it takes (`ok`) or, where small ones cannot be whole, at least recognises.
        read: gets the path of the first file; raises UserError, or nothing.
        covers: modules of xray_keras, without that prefix, whose opening of files it stands for.
        hostile: makes files that it must refuse, by what they try.
        whole: whether the seeds must be taken.
        heavy: whether it imports TensorFlow, which costs seconds.
    """

    name: str
    seeds: Callable[[], Sequence[Files]]
    read: Callable[[Path], Any]
    covers: Sequence[str]
    hostile: Callable[["Outside"], Mapping[str, Files]] = lambda outside: {}
    whole: bool = True
    heavy: bool = False


@dataclass(frozen=True)
class Outside:
    """What lies outside a case's folder, `<folder>/case`, and must be left alone.

    Attributes:
        folder: of it.
        secret: a file that exists; `../secret.bin` from the case's folder.
        canary: a file that does not exist; code that is run creates it.
    """

    folder: Path

    @property
    def secret(self) -> Path:
        """See the class."""
        return self.folder / "secret.bin"

    @property
    def canary(self) -> Path:
        """See the class."""
        return self.folder / "canary"
