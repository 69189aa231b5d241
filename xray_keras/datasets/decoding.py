"""Pixels of many images from a source, over several processes, straight into an array under construction."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from xray_keras.datasets.partial import Partial, mark, write_images
from xray_keras.errors import UserError

CHUNK = 64
"""Images a task: a second or less of decoding, which is what a crash can lose a process."""


class Source(Protocol):
    """Where pixels come from: picklable, with a repr that names it, as a frozen dataclass has.

    A source may also have `signature(rows) -> str`; it then stands for the repr in deciding whether a cache
    is still valid.
    """

    def images(self, rows: pd.DataFrame, size: int) -> Any:
        """Pixels of B manifest rows; a UserError for the first unreadable one.

        Returns:
            uint8 (B, size, size); of scenes B arrays (H, W, 3) in the shapes of the cache's layout.
        """
        ...


def decode_all(
    frame: pd.DataFrame, source: Source, size: int, partial: Partial, workers: int
) -> Generator[tuple[dict[int, int], dict[int, str]], None, None]:
    """Decode what `partial` lacks, chunk by chunk, in any order.

    Yields:
        Of a chunk whose pixels are on the disk, index → `mark` of each picture, and index → why of the unreadable.

    Raises:
        UserError: a decoding process died, or the disk is full.
    """
    missing = np.flatnonzero(~partial.done)
    chunks = [missing[start : start + CHUNK] for start in range(0, len(missing), CHUNK)]
    shapes, starts = partial.layout.shapes, partial.layout.starts + partial.offset
    tasks = (
        (
            source,
            frame.iloc[chunk],
            chunk,
            size,
            [shapes[k] for k in chunk],
            partial.array,
            starts[chunk].tolist(),
        )
        for chunk in chunks
    )
    workers = min(workers, len(chunks))
    if workers <= 1:
        for task in tasks:
            yield _decode(*task)
        return
    context = multiprocessing.get_context("spawn")  # safe beside TensorFlow's threads, and on every system
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)
    try:
        for future in as_completed([pool.submit(_decode, *task) for task in tasks]):
            yield future.result()
    except BrokenProcessPool:
        raise UserError(
            f"a process that decodes images for {partial.target} ended unexpectedly, perhaps for lack of "
            "memory, or because the calling script lacks a __main__ guard; run again with workers=1 (finished "
            "images are kept)"
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, and end with it even where it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _decode(
    source: Source,
    rows: pd.DataFrame,
    indices: np.ndarray,
    size: int,
    shapes: Sequence[tuple[int, ...]],
    array: Path,
    starts: Sequence[int],
) -> tuple[dict[int, int], dict[int, str]]:
    wrong: dict[int, str] = {}
    try:
        images = source.images(rows, size)
    except UserError:
        images = [np.zeros(shape, np.uint8) for shape in shapes]
        for row in range(len(rows)):
            try:
                images[row] = source.images(rows.iloc[row : row + 1], size)[0]
            except UserError as error:
                wrong[int(indices[row])] = str(error)
    if len(images) != len(shapes):
        raise TypeError(f"{source!r} gave {len(images)} images, not {len(shapes)}")
    for image, shape in zip(images, shapes, strict=True):
        if image.shape != shape or image.dtype != np.uint8:
            raise TypeError(f"{source!r} gave {image.dtype} {image.shape}, not uint8 {shape}")
    write_images(array, starts, images)
    return {int(index): mark(image) for index, image in zip(indices, images, strict=True)}, wrong
