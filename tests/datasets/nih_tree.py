"""Small trees in the official layout of ChestX-ray14, with random pixels."""

from pathlib import Path

import numpy as np
from PIL import Image

HEADER_2020 = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
)
ROWS = (
    ("00000001_000.png", "Cardiomegaly", "0", "1", "57", "M", "PA"),
    ("00000001_001.png", "Cardiomegaly|Emphysema", "1", "1", "58", "M", "PA"),
    ("00000002_000.png", "No Finding", "0", "2", "80", "F", "AP"),
    ("00000003_000.png", "Hernia|Pleural_Thickening|Infiltration", "0", "3", "81", "F", "PA"),
    ("00000003_001.png", "No Finding", "1", "3", "81", "F", "PA"),
)
TEST = ("00000003_000.png", "00000003_001.png")
BOXES = (
    "Image Index,Finding Label,Bbox [x,y,w,h],,,\n"
    "00000001_000.png,Cardiomegaly,225.5,547.0,86.75,79.25,,,\n"
    "00000003_000.png,Infiltrate,0,0,1024,1024\n"
)


def write_csv(root: Path, rows: tuple[tuple[str, ...], ...] = ROWS, edition: int = 2020) -> Path:
    """Write the label file of 2020, or of 2017: a trailing comma in each line, ages such as 058Y."""
    path = root / ("Data_Entry_2017_v2020.csv" if edition == 2020 else "Data_Entry_2017.csv")
    end = "" if edition == 2020 else ","
    lines = [HEADER_2020 + end]
    for row in rows:
        cells = row if edition == 2020 else (*row[:4], f"{int(row[4]):03d}Y", *row[5:])
        lines.append(",".join(cells) + ",2682,2749,0.143,0.143" + end)
    path.write_text("\n".join(lines) + "\n")
    return path


def write_lists(root: Path, rows: tuple[tuple[str, ...], ...] = ROWS, test: tuple[str, ...] = TEST) -> None:
    """Write the two official lists."""
    names = [row[0] for row in rows]
    (root / "train_val_list.txt").write_text("\n".join(name for name in names if name not in test))
    (root / "test_list.txt").write_text("\n".join(test))


def write_png(path: Path, side: int = 16, mode: str = "L") -> np.ndarray:
    """Write random gray pixels, the same in all channels of `mode`; return them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    seed = sum(path.name.encode())
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)
    return pixels


def write_release(root: Path, *, edition: int = 2020, folders: int = 1, side: int = 16) -> Path:
    """Write a whole release of five images, in images/ or spread over images_001/images/ and so on."""
    root.mkdir(parents=True)
    write_csv(root, edition=edition)
    write_lists(root)
    (root / "BBox_List_2017.csv").write_text(BOXES)
    for index, row in enumerate(ROWS):
        below = "images" if folders == 1 else f"images_{index % folders + 1:03d}/images"
        write_png(root / below / row[0], side)
    return root
