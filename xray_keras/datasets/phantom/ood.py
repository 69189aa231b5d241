"""The embedded default of foreign images: computed radiographs of children and limbs, pictures from scikit-learn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xray_keras.datasets.ood_listing import Entry
from xray_keras.datasets.ood_rows import joined, rows
from xray_keras.datasets.phantom import ood_child, ood_limb, ood_pictures
from xray_keras.errors import UserError

IMAGES = 200  # of each set
VERSION = 1  # of the pixels: raise it when the same row shows another picture, so that caches are made anew


@dataclass(frozen=True)
class Kind:
    """A set of the phantom.

    Attributes:
        of: the paper's set for which it stands.
        group: "accept" or "reject".
        entries: (seed, number of images) → its images.
        picture: (seed, rows, size) → uint8 (B, size, size).
        citation, licence: where it is from.
    """

    of: str
    group: str
    entries: Callable[[int, int], list[Entry]]
    picture: Callable[[int, pd.DataFrame, int], npt.NDArray[np.uint8]]
    citation: str = "Computed: no patient, no photograph."
    licence: str = "That of this software."


KINDS: Mapping[str, Kind] = {
    "phantom-children": Kind("pneumonia", "accept", ood_child.entries, ood_child.radiographs),
    "phantom-limbs": Kind("mura", "reject", ood_limb.entries, ood_limb.radiographs),
    "photograph-crops": Kind(
        "cifar100",
        "reject",
        ood_pictures.crop_entries,
        ood_pictures.crops,
        ood_pictures.PHOTOGRAPHS,
        ood_pictures.PHOTOGRAPHS_LICENCE,
    ),
    "digits-8x8": Kind(
        "mnist",
        "reject",
        ood_pictures.digit_entries,
        ood_pictures.digits,
        ood_pictures.DIGITS,
        ood_pictures.DIGITS_LICENCE,
    ),
}


@dataclass(frozen=True)
class OodPhantom:
    """Foreign images without a download; each depends on ``seed`` and its own row's name alone.

    Attributes:
        seed: non-negative; another seed is another population.
    """

    seed: int

    def manifest(self, images: int | None = None) -> tuple[pd.DataFrame, dict[str, dict[str, Any]]]:
        """`images` of each set, `IMAGES` for None, and what each set is; a smaller manifest has the same first images.

        Raises:
            UserError: ``images`` is below 1.
        """
        count = IMAGES if images is None else images
        if count < 1:
            raise UserError(f"the phantom was asked for {count} images of each set; ask for at least 1")
        parts, sets = [], {}
        for name, kind in KINDS.items():
            entries = kind.entries(self.seed, count)
            parts.append(rows(entries, name, kind.group))
            sets[name] = {
                "of": kind.of,
                "own": False,
                "group": kind.group,
                "found": len(entries),
                "left_out": {},
                "counts": {},
                "citation": kind.citation,
                "licence": kind.licence,
            }
        return joined(parts), sets

    def signature(self, rows: pd.DataFrame) -> str:
        """What the pixels of `rows` depend on besides the manifest."""
        return f"ood phantom {VERSION}, seed {self.seed}"

    def images(self, rows: pd.DataFrame, size: int) -> npt.NDArray[np.uint8]:
        """The pictures of some manifest rows, uint8 (B, size, size).

        Raises:
            UserError: a row is no image of the phantom, or ``size`` is not positive.
        """
        if size < 1:
            raise UserError(f"an image of {size} pixels was asked for; the size must be at least 1")
        found = np.empty((len(rows), size, size), np.uint8)
        sources = rows["source"].to_numpy(str)
        for name in dict.fromkeys(sources):
            if name not in KINDS:
                raise UserError(f"{name} is no set of the phantom; take the rows from its own manifest")
            here = np.flatnonzero(sources == name)
            found[here] = KINDS[name].picture(self.seed, rows.iloc[here], size)
        return found
