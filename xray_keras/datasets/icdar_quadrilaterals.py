"""Scene text with quadrilaterals, as in the ICDAR Robust Reading competitions since 2015: words, most of them Latin.

Source: Karatzas et al., "ICDAR 2015 Competition on Robust Reading", ICDAR 2015 (challenge 4: 1,000 + 500 pictures).
The official archives unpack into folders of their own choice; here pictures and box files are looked for side by side:

    icdar/train/img_1.jpg, icdar/train/gt_img_1.txt (or img_1.txt), icdar/test/…

A box file has a word a line (see `box_files.icdar`).
"""

from pathlib import Path
from typing import Literal

from xray_keras.datasets.scenes import listing as scene_listing
from xray_keras.datasets.scenes.listing import Boxes, Folder, Scenes
from xray_keras.errors import UserError

FOLDER = "icdar"
NAME = "icdar"
LINK = "https://rrc.cvc.uab.es/?ch=4"
CITATION = (
    "D. Karatzas, L. Gomez-Bigorda, A. Nicolaou et al.: ICDAR 2015 Competition on Robust Reading. ICDAR 2015, "
    "pp. 1156-1160."
)
LICENCE = f"CC BY 4.0 ({LINK}); other sets in this format have their own."


def find(data: Path) -> Path | None:
    """The folder below `data` that holds train/ or test/, or None."""
    return data / FOLDER if folders(data / FOLDER) else None


def folders(root: Path) -> list[Folder]:
    """Those that are there; all show text."""
    return scene_listing.parts(root, 1)


def read(data: Path, missing: Literal["error", "skip"] = "error") -> Scenes:
    """Every picture with its words.

    Args:
        data: the user's folder.
        missing: see `scenes.gathering.gather`.

    Raises:
        UserError: the folder is absent or holds no picture; else see `scenes.gathering.gather`.
    """
    from xray_keras.datasets import box_files
    from xray_keras.datasets.scenes import gathering as scene_gathering

    root = find(data)
    if root is None:
        raise UserError(f"{data / FOLDER} has neither train/ nor test/; put pictures of {LINK} there")
    boxes = Boxes(
        lambda path: [path.with_name(f"gt_{path.stem}.txt"), path.with_suffix(".txt")], box_files.icdar
    )
    return scene_gathering.gather(data, root, folders(root), missing, boxes)
