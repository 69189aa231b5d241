"""MSRA-TD500 in its official layout: 500 photographs of signs in Chinese and English, lines of text in any direction.

Source: Yao et al., "Detecting Texts of Arbitrary Orientations in Natural Images", CVPR 2012, and the release's own
files: train/ (300) and test/ (200), each with IMG_0030.JPG and beside it IMG_0030.gt, a line of text a line (see
`box_files.msra_td500`). A few .gt files are empty, of pictures that show no text; they are left out and counted.
"""

from pathlib import Path
from typing import Literal

from xray_keras.datasets.scenes import listing as scene_listing
from xray_keras.datasets.scenes.listing import Boxes, Folder, Scenes
from xray_keras.errors import UserError

FOLDER = "msra-td500"
NAME = "msra-td500"
LINK = "http://www.iapr-tc11.org/mediawiki/index.php/MSRA_Text_Detection_500_Database_(MSRA-TD500)"
CITATION = (
    "C. Yao, X. Bai, W. Liu, Y. Ma and Z. Tu: Detecting Texts of Arbitrary Orientations in Natural Images. CVPR 2012, "
    "pp. 1083-1090."
)
LICENCE = f"Free for research ({LINK})."

_PLACES = (FOLDER, "MSRA-TD500")


def find(data: Path) -> Path | None:
    """The folder below `data` that holds train/ or test/, or None."""
    return next((data / place for place in _PLACES if folders(data / place)), None)


def folders(root: Path) -> list[Folder]:
    """Those of the release that are there; all show text."""
    return scene_listing.parts(root, 1)


def read(data: Path, missing: Literal["error", "skip"] = "error") -> Scenes:
    """Every picture with its lines of text.

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
        raise UserError(f"{data / FOLDER} has neither train/ nor test/; unpack {LINK} there")
    boxes = Boxes(lambda path: [path.with_suffix(".gt")], box_files.msra_td500)
    return scene_gathering.gather(data, root, folders(root), missing, boxes)
