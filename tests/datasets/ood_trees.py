"""Small trees in the official layouts of foreign data sets, with random pixels."""

import gzip
import pickle
from pathlib import Path

import numpy as np
from nih_tree import write_png
from PIL import Image

KERMANY = {
    "train/NORMAL": ("IM-0115-0001.jpeg", "NORMAL2-IM-0007-0001.jpeg", "NORMAL2-IM-0007-0001-0002.jpeg"),
    "train/PNEUMONIA": ("person1_bacteria_1.jpeg", "person1_bacteria_2.jpeg", "person7_virus_3.jpeg"),
    "test/NORMAL": ("NORMAL-1049278-0001.jpeg",),
    "test/PNEUMONIA": ("person1_virus_6.jpeg", "BACTERIA-1008087-0001.jpeg", "VIRUS-2040583-0002.jpeg"),
}
MURA = (
    "valid/XR_HAND/patient11185/study1_positive/image1.png",
    "valid/XR_HAND/patient11185/study1_positive/image2.png",
    "valid/XR_WRIST/patient11186/study2_negative/image1.png",
)


def write_kermany(data: Path, place: str = "kermany-chest-xray") -> Path:
    """Ten images of seven patients."""
    for folder, names in KERMANY.items():
        for name in names:
            write_png(data / place / folder / name, 12)
    return data / place


def write_mura(data: Path, part: str = "valid", *, listed: bool = True) -> Path:
    """Three images of two patients, a file of macOS beside them, and the list where it is wanted."""
    root = data / "MURA-v1.1"
    paths = [path.replace("valid", part, 1) for path in MURA]
    for path in paths:
        write_png(root / path, 10)
    (root / paths[0]).with_name("._image1.png").write_bytes(b"\0\5\26\7")
    if listed:
        lines = "".join(f"MURA-v1.1/{path}\n" for path in paths)
        (root / f"{part}_image_paths.csv").write_text(lines)
    return root


def write_stand_ins(data: Path, each: int = 4) -> None:
    """Gray hands, colour pictures and digits."""
    rng = np.random.default_rng(0)
    for number in range(each):
        write_png(data / "out-of-distribution/hand-radiographs" / f"{number:04d}_Hand.jpeg", 16)
        write_png(data / "out-of-distribution/mnist" / f"{number:04d}_7.png", 28)
        colour = rng.integers(0, 256, (32, 32, 3), np.uint8)
        path = data / "out-of-distribution/cifar10" / f"{number:04d}_cat.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(colour).save(path)


def write_batch(path: Path, pixels: np.ndarray, **others: object) -> None:
    """A CIFAR batch of uint8 (N, 32, 32, 3)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = pixels.transpose(0, 3, 1, 2).reshape(len(pixels), -1)
    content = {
        b"data": rows,
        b"batch_label": b"testing batch",
        b"filenames": [b"a.png"] * len(rows),
        **others,
    }
    path.write_bytes(pickle.dumps(content, protocol=3))


def write_idx(path: Path, pixels: np.ndarray) -> None:
    """An idx file of uint8 (N, H, W), compressed where the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = np.array([2051, *pixels.shape], ">u4").tobytes()
    content = header + pixels.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
