"""What Python reads of DICOM files, or how it refuses them, beside the browser."""

from pathlib import Path

import numpy as np

from tests.web.reading.in_browser import Found, InBrowser
from xray_keras.datasets import radiograph
from xray_keras.errors import UserError


def assert_equal(reader: InBrowser, *paths: Path, levels: int = 0) -> None:
    """What the browser reads is what Python reads, notes and refusals included."""
    for path, found in zip(paths, reader.read(*paths), strict=True):
        try:
            expected = radiograph.read(path)
        except UserError as error:
            assert told(found) == told_by_python(path, error), path
            continue
        assert found.pixels is not None, f"{path}: {found.sentence}"
        difference = np.abs(found.pixels.astype(int) - expected.pixels)
        assert difference.max() <= levels, f"{path}: {difference.max()}"
        assert found.notes == expected.notes, path


def told(found: Found) -> str:
    """A refusal, without its cause in brackets and its remedy."""
    assert found.error == "ReadError", found
    return found.sentence.removeprefix("It ").split(" (")[0].split(";")[0]


def told_by_python(path: Path, error: UserError) -> str:
    sentence = str(error).removeprefix(f"{path} ").split(" (")[0].split(";")[0]
    sentence = sentence.replace("PNG, JPEG, TIFF, DICOM nor a NumPy array", "PNG, JPEG nor DICOM")
    return sentence.replace("that cannot be decoded here", "that no browser decodes")
