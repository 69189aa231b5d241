"""CIFAR-100, CIFAR-10 and MNIST in their official layouts, and as `keras.datasets` keeps them.

Sources: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009 (python version: pickled batches);
LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 1998 (idx
files, with or without .gz; Keras packs them into mnist.npz). The test parts are used: 10,000 pictures each.
"""

import functools
import io
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xray_keras import files
from xray_keras.datasets.ood_listing import Entry, Listing
from xray_keras.errors import Damaged, UserError, reason

if TYPE_CHECKING:
    import numpy as np

_MOST_BYTES = 1 << 28  # of an idx file, unpacked: MNIST's largest has 47 MB
KERAS = "keras.datasets"
"""First part of a path below Keras' own folder instead of the user's."""


@dataclass(frozen=True)
class Collection:
    """A data set of small pictures.

    Attributes:
        name: of the set.
        places: files that may hold its test part, the first that is there is used.
        citation, licence: of the set.
    """

    name: str
    places: tuple[str, ...]
    citation: str
    licence: str

    def find(self, data: Path) -> str | None:
        """Which of `places` is there, or None."""
        return next((place for place in self.places if locate(data, place).is_file()), None)

    def read(self, data: Path, place: str) -> Listing:
        """Every picture of a file that `find` gave; nobody's, each its own.

        Raises:
            UserError: the file is damaged.
        """
        count = len(load(locate(data, place)))
        entries = [Entry(f"{number:05d}", f"{number:05d}", f"{place}#{number}") for number in range(count)]
        return Listing(entries)


_TINY = (
    "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images. Technical report, University of "
    "Toronto, 2009."
)
_UNSTATED = (
    "None is stated; its page asks for a citation of the technical report "
    "(https://www.cs.toronto.edu/~kriz/cifar.html)."
)


def _cifar(folder: str, file: str) -> tuple[str, ...]:
    return (f"{folder}/{file}", f"{KERAS}/{folder}/{file}", f"{KERAS}/{folder}-target/{folder}/{file}")


CIFAR100 = Collection("cifar100", _cifar("cifar-100-python", "test"), _TINY, _UNSTATED)
CIFAR10 = Collection("cifar10", _cifar("cifar-10-batches-py", "test_batch"), _TINY, _UNSTATED)
MNIST = Collection(
    "mnist",
    (
        *(
            f"{folder}/t10k-images{dash}idx3-ubyte{end}"
            for folder in ("mnist", "MNIST/raw")
            for dash in "-."
            for end in (".gz", "")
        ),
        "mnist/mnist.npz",
        "mnist.npz",
        f"{KERAS}/mnist.npz",
    ),
    "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner: Gradient-based learning applied to document recognition. "
    "Proc. IEEE 86(11), 1998, pp. 2278-2324.",
    "CC BY-SA 3.0 (as Keras states it).",
)


def locate(data: Path, place: str) -> Path:
    """The file of a place: below `data`, or below the folder where Keras keeps its data sets."""
    first, _, rest = place.partition("/")
    if first != KERAS:
        return data / place
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "datasets" / rest


def picture(data: Path, path: str, size: int) -> "np.ndarray":
    """One picture, "<place>#<number>", as gray uint8 (size, size); colour as luminance, resized as radiographs are.

    Raises:
        UserError: the file is absent or damaged, or has no picture of that number.
    """
    import numpy as np
    from PIL import Image

    place, _, number = path.rpartition("#")
    pixels = load(locate(data, place))
    if not number.isdecimal() or int(number) >= len(pixels):
        raise UserError(f"{locate(data, place)} holds no picture {number}; build the manifest again")
    gray = Image.fromarray(pixels[int(number)]).convert("L")
    return np.array(gray.resize((size, size), Image.Resampling.BILINEAR))


@functools.lru_cache(maxsize=2)
def load(path: Path) -> "np.ndarray":
    """The pictures of a file: uint8 (N, 28, 28), or (N, 32, 32, 3).

    Raises:
        UserError: the file is absent or not what its name says.
    """
    reader: Callable[[bytes], np.ndarray]
    reader = _npz if path.suffix == ".npz" else _idx if "idx3" in path.name else _batch
    try:
        files.check_regular(path)
        return reader(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path} is absent; unpack the data set again") from None
    except (OSError, zlib.error, Damaged, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} is damaged or not the official file ({reason(error)}); download it again"
        ) from None


def _idx(content: bytes) -> "np.ndarray":
    """Magic number 2051, three sizes, big-endian, then bytes."""
    import numpy as np

    packed = content[:2] == b"\x1f\x8b"
    data = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(content, _MOST_BYTES) if packed else content
    magic, images, height, width = np.frombuffer(data, ">u4", 4).tolist()
    if magic != 2051 or len(data) != 16 + images * height * width:
        raise ValueError("its header does not describe images of that number")
    return np.frombuffer(data, np.uint8, offset=16).reshape(images, height, width)


def _npz(content: bytes) -> "np.ndarray":
    import numpy as np

    from xray_keras import npz

    pixels = npz.arrays(io.BytesIO(content), ["x_test"])["x_test"]
    if pixels.dtype != np.uint8 or pixels.ndim != 3:
        raise ValueError("x_test is no array of gray pictures")
    return pixels


def _batch(content: bytes) -> "np.ndarray":
    """A pickled dictionary whose data are rows of 1024 red, 1024 green and 1024 blue values."""
    from xray_keras.untrusted import pickles

    batch = pickles.read(content, pickles.NUMPY)
    rows = pickles.array(batch.get(b"data", batch.get("data")), ("u1",))
    return rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).copy()
