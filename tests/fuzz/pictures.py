"""Readers of pictures: radiographs of releases and of anybody, DICOM, scenes, packed small pictures."""

import gzip
import io
import pickle
import struct
import tempfile
import warnings
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.fuzz.hostile import PICKLED, archives, running, zeros
from tests.fuzz.reader import Files, Outside, Reader

GRAY = np.arange(0, 240, dtype=np.uint8).repeat(20).reshape(60, 80)
COLOUR = np.stack([GRAY, GRAY[::-1], GRAY[:, ::-1]], axis=-1)


def saved(values: np.ndarray, kind: str, **options: Any) -> bytes:
    """An array as a picture."""
    made = io.BytesIO()
    Image.fromarray(values).save(made, format=kind, **options)
    return made.getvalue()


def npy(values: np.ndarray, *, pickled: bool = False) -> bytes:
    """An array as NumPy writes it."""
    made = io.BytesIO()
    np.save(made, values, allow_pickle=pickled)
    return made.getvalue()


def npz(packed: bool = True, **values: np.ndarray) -> bytes:
    """Arrays as NumPy writes them."""
    made = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(made, **values)  # type: ignore[arg-type]
    return made.getvalue()


def dicom(stored: np.ndarray, **elements: object) -> bytes:
    """A secondary capture."""
    from tests.datasets import test_dicom

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return test_dicom.write(Path(folder) / "a.dcm", stored, **elements).read_bytes()


def bomb_png(width: int, height: int) -> bytes:
    """The beginning of a PNG of zeros: kilobytes that would become gigabytes."""
    row = b"\0" * min(width + 1, 60_001)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(min(height, 300))) + packer.flush()
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", data),
        (b"IEND", b""),
    )
    made = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def _photographs() -> list[Files]:
    mode = Image.fromarray(COLOUR).convert("P")
    palette = io.BytesIO()
    mode.save(palette, format="PNG")
    return [
        {"a.png": saved(GRAY, "PNG")},
        {"a.png": saved(COLOUR[..., [0, 0, 0]], "PNG")},
        {"a.png": saved(np.dstack([COLOUR[..., [0, 0, 0]], GRAY]), "PNG")},
        {"a.png": saved(GRAY, "JPEG")},
        {"a.png": saved(GRAY, "JPEG", progressive=True)},
        {"a.png": saved(COLOUR[..., [0, 0, 0]], "JPEG")},
    ]


def _anything() -> list[Files]:
    deep = (GRAY.astype(np.uint16) * 16)[:, ::-1]
    whole = dicom(deep, WindowCenter=2048, WindowWidth=4096)
    others = [
        dicom(deep, PhotometricInterpretation="MONOCHROME1", RescaleSlope=2, RescaleIntercept=-5),
        dicom(COLOUR),
    ]
    tiffs = [saved(GRAY, "TIFF"), saved(deep, "TIFF"), saved((GRAY / 255).astype(np.float32), "TIFF")]
    tiffs.append(saved(GRAY, "TIFF", compression="tiff_lzw"))
    arrays = [npy(GRAY), npy(deep), npy((GRAY / 255).astype(np.float32)), npy(COLOUR)]
    return [
        *_photographs(),
        *({"a.png": each} for each in (saved(deep, "PNG"), whole, *others, *tiffs, *arrays)),
    ]


def _bombs(outside: Outside) -> Mapping[str, Files]:
    return {
        "a huge PNG": {"a.png": bomb_png(60_000, 60_000)},
        "a wide PNG": {"a.png": bomb_png(1 << 30, 1)},
        "an empty file": {"a.png": b""},
        "text": {"a.png": b"no picture"},
    }


def _arrays(outside: Outside) -> Mapping[str, Files]:
    return {
        **_bombs(outside),
        "a pickled array": {"a.npy": npy(np.array([running(outside)], object), pickled=True)},
        "a pickle": {"a.npy": pickle.dumps(running(outside))},
        "an array that claims terabytes": {
            "a.npy": npy(GRAY).replace(b"(60, 80), }".ljust(20), b"(600000, 8000000), }")
        },
        "an array whose header is brackets": {"a.npy": npy(GRAY)[:10].ljust(128, b"(") + npy(GRAY)[128:]},
    }


def _radiograph(path: Path) -> None:
    from xray_keras.datasets import radiograph

    radiograph.square(radiograph.read(path).pixels, 64)


def _gray(path: Path) -> None:
    from xray_keras.datasets import images

    images.read_gray(path, 64)


def _scene(path: Path) -> None:
    from xray_keras.datasets.scenes import pictures

    pictures.read(path, 48)


def _small() -> list[Files]:
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 256, (3, 3072), np.uint8)
    digits = rng.integers(0, 256, (3, 28, 28), np.uint8)
    idx = struct.pack(">4I", 2051, *digits.shape) + digits.tobytes()
    return [
        {"test": pickle.dumps({b"data": rows, b"labels": [1, 2, 3]}, protocol=2)},
        {"test_batch": pickle.dumps({"data": rows, "labels": [1]}, protocol=4)},
        {"t10k-images-idx3-ubyte": idx},
        {"t10k-images-idx3-ubyte.gz": gzip.compress(idx, mtime=0)},
        {"mnist.npz": npz(x_test=digits, x_train=digits)},
    ]


def _small_hostile(outside: Outside) -> Mapping[str, Files]:
    idx = struct.pack(">4I", 2051, 1 << 20, 28, 28)
    return {
        "a pickle that runs": {"test": pickle.dumps(running(outside))},
        "a pickle that runs within": {"test": pickle.dumps({b"data": running(outside)})},
        "a pickle in text": {"test": PICKLED(outside)},
        "a bomb of zeros": {"t10k-images-idx3-ubyte.gz": zeros(idx, gzipped=True)[0]},
        **archives("mnist.npz", npz(x_test=np.zeros((1, 28, 28), np.uint8)), outside),
    }


def _load_small(path: Path) -> None:
    from xray_keras.datasets import small_pictures

    small_pictures.load.__wrapped__(path)


def _generated(path: Path) -> None:
    from xray_keras.evaluation import picture_files

    picture_files.archive_images(path)


def _generated_seeds() -> list[Files]:
    pictures = np.arange(2 * 64 * 64, dtype=np.uint8).reshape(2, 64, 64)
    return [{"a.npz": npz(image=pictures)}, {"a.npz": npz(packed=False, image=pictures, other=pictures[0])}]


READERS = (
    Reader("radiograph", _anything, _radiograph, ("datasets.radiograph", "datasets.dicom"), _arrays),
    Reader("image", _photographs, _gray, ("datasets.images",), _bombs),
    Reader("scene", _photographs, _scene, ("datasets.scenes.pictures",), _bombs),
    Reader("small_pictures", _small, _load_small, ("datasets.small_pictures",), _small_hostile),
    Reader(
        "picture_archive",
        _generated_seeds,
        _generated,
        ("evaluation.picture_files",),
        lambda outside: archives("a.npz", npz(image=np.zeros((1, 64, 64), np.uint8)), outside),
    ),
)
