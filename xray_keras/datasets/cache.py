"""Decode once: a data set as one memory-mapped uint8 array, built in parallel and resumable."""

import contextlib
import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pandas as pd
from tqdm import tqdm

from xray_keras import files, npz
from xray_keras.datasets import manifest
from xray_keras.datasets.decoding import Source, decode_all
from xray_keras.datasets.layouts import Layout, end_to_end, squares
from xray_keras.datasets.partial import Partial, writing
from xray_keras.errors import Damaged, UserError, reason


def build(
    frame: pd.DataFrame,
    source: Source,
    size: int,
    folder: Path | str,
    *,
    workers: int | None = None,
    progress: bool = True,
    skip_unreadable: bool = False,
) -> Path:
    """Decode all images of a manifest into `<folder>/<fingerprint[:16]>-<size>.npy`, unless done already.

    Killed at any time, it goes on from the finished images when called again. A second process that wants the
    same array waits for the first.

    Args:
        frame: a manifest; row i becomes picture i of the array: uint8 (N, size, size), or of scenes one axis that
            holds them end to end, each (H, W, 3), see `layout`.
        source: decodes or computes the images.
        size: side in pixels; of scenes the short one.
        folder: created where absent; nothing is written elsewhere.
        workers: processes, by default one a core; 1 works in this process.
        progress: whether to report on stderr: a bar on a terminal, otherwise a line each tenth.
        skip_unreadable: leave unreadable images black and list them in the sidecar, instead of an error.

    Returns:
        Path of the array. The sidecar beside it (.json) holds fingerprint, size, images, source and the names
        of the unreadable images.

    Raises:
        UserError: unreadable images (all in one sentence, the others are kept), a full disk (before work
            starts), a folder that is not writable, or a decoding process that died.
    """
    manifest.validate(frame)
    if size < 1:
        raise UserError(f"size={size} is not a number of pixels; use 128, for instance")
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        # A process of the pool below imports the script that built it, and would wait for that one's lock for ever.
        raise UserError("a script that builds an image cache needs a __main__ guard; put the call below one")
    workers = os.cpu_count() or 1 if workers is None else workers
    if workers < 1:
        raise UserError(f"workers={workers} is not a number of processes; use 1 or more")
    signature = getattr(source, "signature", None)
    fingerprint = manifest.fingerprint(frame)
    identity = {
        "fingerprint": fingerprint,
        "size": size,
        "images": len(frame),
        "source": signature(frame) if signature else repr(source),
    }
    target = path(folder, fingerprint, size)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = _lock(target, progress)
    with lock:
        placed = layout(frame, size)
        if not _is_ready(target, identity, placed, skip_unreadable):
            _build(frame, source, target, identity, placed, workers, progress, skip_unreadable)
    return target


def layout(frame: pd.DataFrame, size: int) -> Layout:
    """Where the pictures of a manifest lie in its array: scenes keep their shape, anything else becomes a square."""
    if "outlines" in frame:
        from xray_keras.datasets.scenes.pictures import scaled_size

        sizes = zip(frame["width"], frame["height"], strict=True)
        scaled = (scaled_size(width, height, size) for width, height in sizes)
        return end_to_end([(height, width, 3) for width, height in scaled])
    return squares(len(frame), size)


def load(path: Path | str) -> np.memmap:
    """Map a built array into memory, read-only: uint8, 0 to 255, in the shape of its `layout`.

    Raises:
        UserError: the file is absent, damaged, or not what was written, see `seals`.
    """
    try:
        array = npz.mapped(path)
    except FileNotFoundError:
        raise UserError(f"{path} is absent; build the image cache first") from None
    except (Damaged, OSError) as error:
        raise UserError(
            f"{path} is damaged ({reason(error)}); delete it and build the image cache again"
        ) from None
    if not isinstance(array, np.memmap) or array.dtype != np.uint8 or array.ndim not in (1, 3):
        raise UserError(f"{path} is no image cache; delete it and build the image cache again")
    return array


def path(folder: Path | str, fingerprint: str, size: int) -> Path:
    """Where the array of a manifest's fingerprint and a size lies; its sidecar is the same with .json."""
    return Path(folder) / f"{fingerprint[:16]}-{size}.npy"


def unreadable(array: Path) -> set[str]:
    """Names of the images that are black in a built array because they could not be read."""
    return set(files.read_json(array.with_suffix(".json"))["unreadable"])


def _lock(target: Path, progress: bool) -> filelock.AcquireReturnProxy:
    lock = filelock.FileLock(target.with_suffix(".lock"))
    try:
        return lock.acquire(timeout=0)
    except filelock.Timeout:
        if progress:
            print(f"another process is building {target}; waiting for it", file=sys.stderr, flush=True)
        return lock.acquire()


def _is_ready(target: Path, identity: dict[str, Any], placed: Layout, skip_unreadable: bool) -> bool:
    try:
        sidecar = files.read_json(target.with_suffix(".json"))
        array = load(target)
    except UserError:
        return False
    unreadable = sidecar.get("unreadable", [])
    if sidecar != {**identity, "unreadable": unreadable} or array.shape != placed.array:
        return False
    if unreadable and not skip_unreadable:
        raise UserError(
            f"{target} leaves {len(unreadable):,} unreadable images black (first: "
            f"{', '.join(unreadable[:3])}); replace these files, delete it and run again, or accept them "
            "with MISSING=skip (--skip-unreadable)"
        )
    return True


def _build(
    frame: pd.DataFrame,
    source: Source,
    target: Path,
    identity: dict[str, Any],
    placed: Layout,
    workers: int,
    progress: bool,
    skip_unreadable: bool,
) -> None:
    size = identity["size"]
    partial = Partial(target, identity, placed)
    reasons: dict[int, str] = {}
    report = _Progress(len(frame), int(partial.done.sum()), size, progress)
    try:
        with contextlib.closing(decode_all(frame, source, size, partial, workers)) as chunks:
            for marks, wrong in chunks:
                partial.mark({index: value for index, value in marks.items() if index not in wrong})
                reasons |= wrong
                report.advance(len(marks))
    finally:
        report.close()
        partial.close()
    first = [reasons[index] for index in sorted(reasons)[:3]]
    if reasons and not skip_unreadable:
        raise UserError(
            f"{len(reasons):,} of {len(frame):,} images are unreadable (first: {' | '.join(first)}); replace "
            "these files and run again (the others are kept), or leave them out with MISSING=skip (--skip-unreadable)"
        )
    sidecar_path = target.with_suffix(".json")
    sidecar_path.unlink(missing_ok=True)
    partial.publish()
    files.write_json(
        sidecar_path,
        {**identity, "unreadable": [str(frame["image"].iloc[index]) for index in sorted(reasons)]},
    )


class _Progress:
    """A bar on a terminal, a line each tenth elsewhere, or nothing."""

    def __init__(self, total: int, done: int, size: int, wanted: bool) -> None:
        self._total, self._done = total, done
        self._what = f"decoding at {size} px"
        terminal = sys.stderr.isatty()
        self._lines = wanted and not terminal
        if self._lines and done:
            self._line()
        self._bar = tqdm(
            total=total, initial=done, desc=self._what, unit=" images", disable=not (wanted and terminal)
        )

    def advance(self, images: int) -> None:
        before, self._done = self._done, self._done + images
        self._bar.update(images)
        if self._lines and before * 10 // self._total < self._done * 10 // self._total:
            self._line()

    def _line(self) -> None:
        share = self._done / self._total
        text = f"{self._what}: {self._done:,} of {self._total:,} images ({share:.0%})"
        print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        self._bar.close()
