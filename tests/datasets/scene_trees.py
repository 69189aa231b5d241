"""Small trees in the layouts of sets of scene text, with random pixels."""

from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 60, 40
LINE = "0 0 10 10 30 8 0.1\n"
BOX = "5 5 20 10\n"
WORD = "5,5,25,5,25,15,5,15,exit\n"


def write_picture(path: Path, width: int = WIDTH, height: int = HEIGHT) -> Path:
    """Random colours, the same for the same name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(sum(path.name.encode()))
    Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8)).save(path)
    return path


def write_msra(data: Path, train: int = 3, test: int = 2) -> Path:
    """Pictures with one line of text each."""
    root = data / "msra-td500"
    for part, number in (("train", train), ("test", test)):
        for k in range(number):
            path = write_picture(root / part / f"IMG_{part[:2]}{k:04d}.JPG")
            path.with_suffix(".gt").write_text(LINE)
    return root


def write_photographs(data: Path, train: int = 4, test: int = 2) -> Path:
    """Standing pictures."""
    root = data / "photographs-without-text"
    for part, number in (("train", train), ("test", test)):
        for k in range(number):
            write_picture(root / part / f"{part[:2]}{k:04d}.jpg", HEIGHT, WIDTH)
    return root


def write_textdis(data: Path, train: tuple[int, int] = (2, 3), test: tuple[int, int] = (2, 1)) -> Path:
    """Pictures with and without text; both parts use the same names."""
    root = data / "textdis"
    for part, numbers in (("train", train), ("test", test)):
        for kind, number in zip(("text", "non-text"), numbers, strict=True):
            for k in range(number):
                path = write_picture(root / part / kind / f"img_{k}.jpg")
                if kind == "text":
                    path.with_suffix(".txt").write_text(BOX)
    return root


def write_icdar(data: Path, train: int = 2, test: int = 1) -> Path:
    """Pictures with one word each."""
    root = data / "icdar"
    for part, number in (("train", train), ("test", test)):
        for k in range(number):
            path = write_picture(root / part / f"{part[:2]}_{k}.png")
            path.with_name(f"gt_{path.stem}.txt").write_text("\ufeff" + WORD, encoding="utf-8")
    return root
