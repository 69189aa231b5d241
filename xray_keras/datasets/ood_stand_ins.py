"""Folders of pictures that stand where an official data set of the paper is absent, called what they are.

Layout below the user's folder: out-of-distribution/hand-radiographs, out-of-distribution/cifar10 and
out-of-distribution/mnist, PNG or JPEG. Hands are not MURA, and CIFAR-10 is not CIFAR-100.
"""

from dataclasses import dataclass
from pathlib import Path

from xray_keras.datasets import small_pictures
from xray_keras.datasets.ood_listing import Entry, Listing, pictures
from xray_keras.errors import UserError

FOLDER = "out-of-distribution"


@dataclass(frozen=True)
class StandIn:
    """One folder: its name, the set's name, and where its pictures are from."""

    folder: str
    name: str
    citation: str
    licence: str

    def find(self, data: Path) -> Path | None:
        """The folder below `data`, or None."""
        root = data / FOLDER / self.folder
        return root if root.is_dir() else None

    def read(self, data: Path, root: Path) -> Listing:
        """Every picture, in the order of the names; whose they are is unknown, so each is its own.

        Raises:
            UserError: the folder holds no picture.
        """
        found, left_out = pictures(root)
        if not found:
            raise UserError(f"{root} holds no PNG or JPEG; put pictures there, or remove the folder")
        names = [path.relative_to(root).as_posix() for path in found]
        return Listing(
            [
                Entry(name, name, path.relative_to(data).as_posix())
                for name, path in zip(names, found, strict=True)
            ],
            left_out,
        )


HANDS = StandIn(
    "hand-radiographs",
    "hand-radiographs",
    "MedNIST, collected by B. J. Erickson (Mayo Clinic); hand radiographs of the RSNA bone age challenge.",
    "CC BY-SA 4.0.",
)
CIFAR10 = StandIn("cifar10", "cifar10", small_pictures.CIFAR10.citation, small_pictures.CIFAR10.licence)
MNIST = StandIn("mnist", "mnist", small_pictures.MNIST.citation, small_pictures.MNIST.licence)
