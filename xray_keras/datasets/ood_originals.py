"""Pixels of foreign images: files of any size, gray or colour, and single pictures of files that hold many."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from xray_keras.datasets import small_pictures
from xray_keras.datasets.images import METHOD, read_gray


@dataclass(frozen=True)
class Originals:
    """The data sets below `data`, which are only ever read."""

    data: Path

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        """Pixels of manifest rows: uint8 (B, size, size), colour as luminance, other shapes squashed to a square.

        Raises:
            UserError: the first image that cannot be read.
        """
        return np.stack([self._read(path, size) for path in rows["path"]])

    def signature(self, rows: pd.DataFrame) -> str:
        """Names the originals' content without reading it: a digest of paths and lengths in bytes."""
        digest = hashlib.sha256()
        lengths: dict[str, int] = {}
        for path in rows["path"]:
            file = path.partition("#")[0]
            if file not in lengths:
                try:
                    lengths[file] = small_pictures.locate(self.data, file).stat().st_size
                except OSError:
                    lengths[file] = -1  # `images` names the file that cannot be read
            digest.update(f"{path}\0{lengths[file]}\n".encode())
        return f"ood, {METHOD}, {digest.hexdigest()}"

    def _read(self, path: str, size: int) -> np.ndarray:
        if "#" in path:
            return small_pictures.picture(self.data, path, size)
        return read_gray(self.data / path, size, colour="luminance")
