"""Plain photographs that show no text, the negatives where a set of scene text has none of its own.

Layout: photographs-without-text/train/ and test/, any pictures. Whoever fills the folder vouches that no text is in
them. Here meant: those of BSDS500 in which a text recogniser reads nothing.
"""

from pathlib import Path
from typing import Literal

from xray_keras.datasets.scenes import listing as scene_listing
from xray_keras.datasets.scenes.listing import Folder, Scenes
from xray_keras.errors import UserError

FOLDER = "photographs-without-text"
NAME = "photographs"
LINK = "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/resources.html"
CITATION = (
    "P. Arbelaez, M. Maire, C. Fowlkes and J. Malik: Contour Detection and Hierarchical Image Segmentation. IEEE TPAMI "
    "33(5), 2011, pp. 898-916 (BSDS500)."
)
LICENCE = (
    "BSDS500: free for non-commercial research and education, as the page of its first edition says "
    "(https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/bsds/); other photographs have their own."
)


def find(data: Path) -> Path | None:
    """The folder below `data` that holds train/ or test/, or None."""
    return data / FOLDER if folders(data / FOLDER) else None


def folders(root: Path) -> list[Folder]:
    """Those that are there; none shows text."""
    return scene_listing.parts(root, 0)


def read(data: Path, missing: Literal["error", "skip"] = "error") -> Scenes:
    """Every picture.

    Args:
        data: the user's folder.
        missing: see `scenes.gathering.gather`.

    Raises:
        UserError: the folder is absent or holds no picture; else see `scenes.gathering.gather`.
    """
    from xray_keras.datasets.scenes import gathering as scene_gathering

    root = find(data)
    if root is None:
        raise UserError(f"{data / FOLDER} has neither train/ nor test/; put photographs without text there")
    return scene_gathering.gather(data, root, folders(root), missing)
