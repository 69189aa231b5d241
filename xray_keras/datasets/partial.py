"""An array under construction that survives a crash: the pixels, and a journal of the finished images."""

import contextlib
import errno
import json
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras import files, seals
from xray_keras.datasets.layouts import Layout
from xray_keras.errors import UserError

_MARK = np.dtype("<u8")
_NO_SPACE = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failed write below `path` into the UserError that says why."""
    try:
        yield
    except OSError as error:
        raise files.write_error(path, error) from error


class Partial:
    """Pictures in `<stem>.partial.npy`, uint8, with a mark a picture in `<stem>.partial.done`.

    The journal starts with a line of JSON, the identity; where that does not match, work starts afresh. An image is
    marked only after its pixels are on the disk, and its mark is their checksum, so that what a disk has lost since is
    decoded again.

    Args:
        target: where the finished array will be published.
        identity: JSON-able; what the pixels depend on.
        layout: where each picture lies.

    Raises:
        UserError: the disk is too full for the whole array, or the folder is not writable.
    """

    def __init__(self, target: Path, identity: dict[str, Any], layout: Layout) -> None:
        self.target = target
        self.array = target.with_suffix(".partial.npy")
        self._journal_path = target.with_suffix(".partial.done")
        self.layout = layout
        header = (json.dumps(identity) + "\n").encode()
        self._first_mark = len(header)
        done = self._resume(header)
        if done is None:
            self._create(header)
            done = np.zeros(len(layout.shapes), bool)
        self.done = done
        """bool (N,): which images earlier attempts finished."""
        self.offset = self.array.stat().st_size - layout.bytes
        """Where the pixels start in the file, in bytes."""
        self._journal = self._journal_path.open("rb+")

    def _resume(self, header: bytes) -> np.ndarray | None:
        try:
            journal = self._journal_path.read_bytes()
            array = np.load(self.array, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        pictures = len(self.layout.shapes)
        if not journal.startswith(header) or len(journal) != len(header) + pictures * _MARK.itemsize:
            return None
        if array.shape != self.layout.array or array.dtype != np.uint8:
            return None
        done = np.frombuffer(journal, _MARK, offset=len(header))
        whole = (done[k] != 0 and done[k] == mark(self.layout.picture(array, k)) for k in range(pictures))
        return np.fromiter(whole, bool, pictures)

    def _create(self, header: bytes) -> None:
        self.discard()
        pictures, needed = len(self.layout.shapes), self.layout.bytes
        free = shutil.disk_usage(self.target.parent).free
        try:
            if needed > free:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            array = np.lib.format.open_memmap(self.array, mode="w+", dtype=np.uint8, shape=self.layout.array)
            del array
            self._allocate()
        except OSError as error:
            self.discard()
            if error.errno not in _NO_SPACE:
                raise files.write_error(self.array, error) from error
            raise UserError(
                f"{self.target.parent} has {free / 1e6:,.0f} MB free, but {pictures:,} images "
                f"need {needed / 1e6:,.0f} MB; free some space or choose another folder"
            ) from None
        with files.publish(self._journal_path) as temporary:
            temporary.write_bytes(header + bytes(pictures * _MARK.itemsize))

    def _allocate(self) -> None:
        """Claim the disk blocks now, where the system can: a disk that fills up later cannot stop the work."""
        if not hasattr(os, "posix_fallocate"):
            return
        with self.array.open("rb+") as opened:
            try:
                os.posix_fallocate(opened.fileno(), 0, self.array.stat().st_size)
            except OSError as error:
                if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                    raise

    def mark(self, marks: Mapping[int, int]) -> None:
        """Record images as finished, each by its `mark`, on the disk when this returns."""
        with writing(self._journal_path):
            for index, value in marks.items():
                self._journal.seek(self._first_mark + index * _MARK.itemsize)
                self._journal.write(np.array(value, _MARK).tobytes())
            self._journal.flush()
            os.fsync(self._journal.fileno())

    def close(self) -> None:
        """Close the journal; the files stay for the next attempt."""
        self._journal.close()

    def publish(self) -> None:
        """Rename the array to its final name and remove the journal."""
        self.close()
        with writing(self.target):
            seals.seal(self.array, self.target)
            self.array.replace(self.target)
            self._journal_path.unlink()

    def discard(self) -> None:
        """Remove both files."""
        self._journal_path.unlink(missing_ok=True)
        self.array.unlink(missing_ok=True)


def mark(picture: np.ndarray) -> int:
    """What a journal says of a finished picture: never 0, and its CRC-32."""
    return 1 << 32 | zlib.crc32(np.ascontiguousarray(picture).data)


def write_images(array: Path, starts: Sequence[int], images: Sequence[np.ndarray]) -> None:
    """Write `images`, uint8, from the bytes `starts` of the file `array` on, onto the disk.

    Plain writes, not a memory map: on a full disk a map kills the process where a write raises OSError.
    """
    with writing(array), array.open("rb+") as opened:
        for start, image in zip(starts, images, strict=True):
            opened.seek(start)
            opened.write(image.tobytes())
        opened.flush()
        os.fsync(opened.fileno())
