from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.ft2font import FT2Font

from xray_keras.datasets.rendered import fonts


@pytest.mark.parametrize("face", fonts.FACES)
def test_every_face_has_every_sign_that_it_may_be_asked_for(face: str) -> None:
    known = FT2Font(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{face}.ttf")).get_charmap()
    signs = fonts.PLAIN + (fonts.MONEY if not face.startswith("cm") else "")
    assert not [sign for sign in signs if ord(sign) not in known]
    draw = np.random.default_rng(0)
    said = "".join(fonts.line(draw, face, case % 6, 3 + case % 12) for case in range(200))
    assert set(said) <= set(signs)
    assert bool(set(said) & set(fonts.MONEY)) == (not face.startswith("cm"))


def test_letters_of_every_face_have_ink_of_their_own() -> None:
    for face in fonts.FACES:
        shapes = {fonts.mask(sign, face, 24).tobytes() for sign in "ABCDEFGHKMNQRSTabdeghkmqrst23456789&?"}
        assert len(shapes) == 37


def test_lines_are_words_and_numbers_of_about_the_length_asked_for() -> None:
    draw = np.random.default_rng(1)
    lines = [
        fonts.line(draw, "DejaVuSans", case % 6, letters) for letters in (3, 8, 13) for case in range(400)
    ]
    lengths = np.array([len(line) for line in lines]).reshape(3, 400)
    assert lengths.min() >= 2 and (np.diff(lengths.mean(axis=1)) > 1).all()
    assert (lengths - [[3], [8], [13]]).max() <= 12  # the longest word
    assert 0.15 < np.mean([any(sign.isdigit() for sign in line) for line in lines]) < 0.4
    assert len(set(lines)) > 700
    assert all(line == line.strip() for line in lines)
    capitals = [fonts.line(draw, "DejaVuSans", 0, 8) for _ in range(100)]
    assert all(line == line.upper() or line.startswith("No.") for line in capitals)


@pytest.mark.parametrize("face", ["DejaVuSerif-Italic", "STIXGeneral", "cmtt10"])
def test_the_box_of_a_line_is_that_of_its_ink(face: str) -> None:
    for text in ("Quay 47", "ace", "lift", "1:30"):
        left, top, right, bottom = fonts.ink(text, face)
        assert left < 0.3 and top < -0.3 and right > 0.8 and bottom > -0.1
        mask = np.asarray(fonts.mask(text, face, fonts.REFERENCE))
        assert mask.shape == pytest.approx(
            ((bottom - top) * fonts.REFERENCE, (right - left) * fonts.REFERENCE)
        )
        assert all(edge.max() > 0 for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
        large = np.asarray(fonts.mask(text, face, 4 * fonts.REFERENCE))
        assert large.shape == pytest.approx(np.array(mask.shape) * 4, rel=0.08)
        assert large.mean() == pytest.approx(mask.mean(), rel=0.2)
