"""The `textfilter` verb: a table of pictures, which of them show text and where, and what was left out."""

import csv
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from PIL import Image
from tqdm import tqdm

from xray_keras import files
from xray_keras.datasets.region_labels import REGIONS
from xray_keras.datasets.scenes import pictures as scene_pictures
from xray_keras.errors import UserError
from xray_keras.textfilter import draw
from xray_keras.textfilter.draw import Drawings
from xray_keras.textfilter.network import SHIPPED, Network, checked, with_text
from xray_keras.textfilter.pictures import SUFFIXES, Left, find
from xray_keras.textfilter.scan import Scored, Speed, scan

COLUMNS = ("path", "text", "p_Text", *(f"r{number:02d}" for number in range(REGIONS)), "width", "height")


def command(
    named: Sequence[Path],
    output: Path,
    *,
    model: Path | None = None,
    drawings: Path | None = None,
    threshold: float | None = None,
    threads: int | None = None,
) -> int:
    """Write `output`, a CSV file with a row for each picture that could be read, in the order of the pictures.

    Columns: path; text, 1 where a region reaches the threshold, else 0; p_Text, the greatest region's probability;
    r00 to r33, the regions', 5×5 row by row, then 3×3; width and height of the upright picture, pixels. Probabilities
    are written in full: as float32 they are what the network gave.

    Args:
        named: files and folders, see `pictures.find`.
        output: ends in .csv.
        model: an ONNX file with its card, see `network.Network`; None for the one that comes with the package.
        drawings: folder for drawings of the pictures with text, see `draw`; None for none.
        threshold: of a region, above 0 and at most 1; None for the network's own.
        threads: at least 1; None for as many as there are processors for this process.

    Returns:
        The exit status: 0, or 1 where there were pictures and none could be read.

    Raises:
        UserError: no picture was named, the network cannot be used, a file cannot be written, or an argument is wrong.
    """
    if output.suffix.lower() != ".csv":
        raise UserError(f"{output} does not end in .csv; name the table so")
    if threads is not None and threads < 1:
        raise UserError(f"{threads} threads cannot work; ask for at least 1")
    limit = None if threshold is None else checked(threshold)
    network = Network(model or SHIPPED)
    limit = limit or network.threshold
    found = find(named)
    if not found.pictures and not found.left:
        places = ", ".join(map(str, named))
        raise UserError(f"{places}: no picture in there; name folders with files in {' '.join(SUFFIXES)}")
    board = None if drawings is None else Drawings(drawings, found.pictures)
    speed = Speed(threads or _processors())
    with (
        files.publish(output) as temporary,
        temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as opened,
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", module="PIL")  # a header may be odd as long as the picture is read
        texts, notes = _fill(opened, found.pictures, network, limit, board, speed)
    read = f"{speed.pictures:,} picture{'' if speed.pictures == 1 else 's'}"
    _say(f"{output}: {read}, {texts:,} with text (a region of {limit:g} or more)")
    if found.passed_over:
        _say(f"passed over: {found.passed_over:,} files in folders, no pictures by their names")
    for note in (*(f"left out: {each.reason}" for each in found.left), *notes):
        _say(note)
    _say(str(speed))
    _say(f"{network.name}: not for {network.not_for}")
    return 0 if speed.pictures else 1


def _fill(
    opened: TextIO,
    pictures: Sequence[Path],
    network: Network,
    threshold: float,
    board: Drawings | None,
    speed: Speed,
) -> tuple[int, list[str]]:
    """Write the table and the drawings: how many pictures show text, and what is to be said of others."""
    texts, notes = 0, []
    table = csv.writer(opened, lineterminator="\n")
    table.writerow(COLUMNS)
    bar = tqdm(total=len(pictures), unit=" pictures", disable=not sys.stderr.isatty())
    with bar:
        for each in scan(pictures, network, speed):
            bar.update()
            if isinstance(each, Left):
                notes.append(f"left out: {each.reason}")
                continue
            has_text = bool(with_text(each.regions, threshold).any())
            texts += has_text
            table.writerow(_row(each, has_text))
            if board and has_text:
                try:
                    drawn = _drawn(each, threshold)
                except UserError as error:  # it has gone, or changed, since
                    notes.append(f"not drawn: {error}")
                    continue
                board.write(each.path, drawn)
    return texts, notes


def _row(found: Scored, has_text: bool) -> list[str]:
    """A row of the table. A float32 as text is the shortest that is read as the same number again."""
    probabilities = [str(value) for value in (found.regions.max(), *found.regions)]
    return [str(found.path), str(int(has_text)), *probabilities, str(found.width), str(found.height)]


def _drawn(found: Scored, threshold: float) -> Image.Image:
    pixels = scene_pictures.read(found.path, draw.short_edge(found.width, found.height))
    return draw.outlined(pixels, found.regions, threshold)


def _processors() -> int:
    """As many as this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _say(line: str) -> None:
    """Print, with a sign for what cannot be printed of a file's name."""
    coding = sys.stdout.encoding or "utf-8"
    print(line.encode(coding, errors="replace").decode(coding))
