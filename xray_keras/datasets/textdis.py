"""TextDis: 15,302 natural images with and without text, the set of zhao2019 (§IV.A).

Source: Zhang et al., "Automatic Discrimination of Text and Non-Text Natural Images", ICDAR 2015. Neither paper prints
how the release lies on disk. Assumed here:

    textdis/train/text/…, textdis/train/non-text/…, textdis/test/text/…, textdis/test/non-text/…

with a box file <name>.txt beside each text picture (see `box_files.textdis`).
"""

from pathlib import Path
from typing import Literal

from xray_keras.datasets.scenes import listing as scene_listing
from xray_keras.datasets.scenes.listing import COUNTED, PARTS, Boxes, Folder, Scenes
from xray_keras.errors import UserError

FOLDER = "textdis"
NAME = "textdis"
LINK = "from the authors of Zhang et al., ICDAR 2015"
CITATION = (
    "C. Zhang, C. Yao, B. Shi and X. Bai: Automatic Discrimination of Text and Non-Text Natural Images. ICDAR 2015, "
    "pp. 886-890."
)
LICENCE = "Not stated in the papers; ask the authors."
KINDS = {"text": 1, "non-text": 0}
"""Folder of a class → whether its pictures show text."""

_PLACES = (FOLDER, "TextDis")


def find(data: Path) -> Path | None:
    """The folder below `data` that holds a folder of a part and a class, or None."""
    return next((data / place for place in _PLACES if folders(data / place)), None)


def folders(root: Path) -> list[Folder]:
    """Those of the four that are there."""
    every = [
        Folder(root / part / kind, name, text) for part, name in PARTS.items() for kind, text in KINDS.items()
    ]
    return [folder for folder in every if folder.path.is_dir()]


def read(data: Path, missing: Literal["error", "skip"] = "error") -> Scenes:
    """Every picture of both classes, those of text with their boxes.

    Args:
        data: the user's folder.
        missing: see `scenes.gathering.gather`.

    Raises:
        UserError: the release is absent or holds no picture; else see `scenes.gathering.gather`.
    """
    from xray_keras.datasets import box_files
    from xray_keras.datasets.scenes import gathering as scene_gathering

    root = find(data)
    if root is None:
        raise UserError(
            f"{data / FOLDER} has no folder train/text or the like; put the release ({LINK}) there"
        )
    boxes = Boxes(lambda path: [path.with_suffix(".txt")], box_files.textdis)
    return scene_gathering.gather(data, root, folders(root), missing, boxes)


def is_complete(data: Path) -> bool:
    """Whether every folder has as many pictures as zhao2019 prints."""
    root = find(data)
    if root is None:
        return False
    quota = printed()
    return all(
        scene_listing.count(root / part / kind) == quota[name][COUNTED[text]]
        for part, name in PARTS.items()
        for kind, text in KINDS.items()
    )


def printed() -> dict[str, dict[str, int]]:
    """Pictures that zhao2019 prints: part, as a manifest calls it → "text" and "non_text"."""
    from xray_keras.papers import loader

    facts = loader.load("zhao2019")["datasets"]["textdis"]
    return {name: {kind: facts[part][kind] for kind in COUNTED.values()} for part, name in PARTS.items()}
