"""What `export.browser` says of a page, against what the page's models must answer."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.web import tiny_page
from xray_keras.datasets import radiograph
from xray_keras.errors import UserError
from xray_keras.export import browser as visitor


def test_a_visit_tells_what_the_page_answers(
    browser: Any, folder: Path, pictures: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitor, "COLD_STARTS", 1)
    noise = tmp_path / "noise.png"
    Image.fromarray(tiny_page.noise()).save(noise)
    seen = visitor.visit(browser, folder, [pictures["chest"], noise], tmp_path)
    assert [each["refused"] for each in seen["images"]] == [False, True]
    assert seen["requests_while_examining"] == 0 and seen["foreign_origins"] == []
    size = tiny_page.read(folder)["classifier"]["size"]
    for each, path in zip(seen["images"], (pictures["chest"], noise), strict=True):
        expected = tiny_page.probabilities(radiograph.square(radiograph.read(path).pixels, size))
        labels = tiny_page.read(folder)["classifier"]["labels"]
        ours = [each["raw"][label] for label in labels]
        np.testing.assert_allclose(ours, np.ravel(expected), atol=1e-5)
    assert set(seen["times"]["1"]) == set(visitor.STEPS)
    shown = [np.asarray(Image.open(tmp_path / name)) for name in ("1.png", "2.png", "page.png")]
    assert shown[2].shape[:2] == (visitor.VIEWPORT["height"], visitor.VIEWPORT["width"])
    assert shown[0].shape != shown[2].shape and np.ptp(shown[0]) > 50


def test_a_picture_that_the_page_cannot_read_is_named(browser: Any, folder: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.png"
    letter.write_text("Dear doctor")
    with pytest.raises(UserError, match=r"the page cannot examine \S*letter\.png: It is neither"):
        visitor.visit(browser, folder, [letter], tmp_path)
