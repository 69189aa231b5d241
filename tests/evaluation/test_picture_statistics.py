import numpy as np
import pytest
from scipy import fft

from xray_keras.datasets.outlines import Outline
from xray_keras.evaluation import picture_statistics
from xray_keras.evaluation.picture_statistics import covered, statistics

RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (40, 56, 3)).astype(np.uint8)


def square(left, top, right, bottom, ignored=False):
    return Outline(np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float), ignored)


def test_statistics_of_a_whole_picture_by_hand():
    found = statistics(NOISE)
    gray = NOISE @ np.array([0.299, 0.587, 0.114])
    flat = NOISE.reshape(-1, 3).astype(float)
    assert found["colour"] == pytest.approx([*flat.mean(axis=0), *flat.std(axis=0)])
    steps = np.hypot(*np.gradient(gray))
    expected = [steps.mean(), *np.percentile(steps, (50, 90, 99))]
    assert np.expm1(found["fineness"][:4]) == pytest.approx(expected)
    cells = gray.reshape(8, 5, 8, 7).mean(axis=(1, 3))
    assert found["thumbnail"] == pytest.approx(cells.ravel())


def test_cosines_are_told_from_coarse_to_fine():
    rows = np.arange(32)
    for order, band in ((1, 0), (4, 1), (7, 2)):
        wave = 128 + 60 * np.cos(np.pi * (2 * rows + 1) * order / 16)
        picture = np.repeat(np.repeat(wave[:, None], 32, axis=1)[..., None], 3, axis=2)
        bands = statistics(np.rint(picture).astype(np.uint8))["fineness"][4:]
        assert bands.argmax() == band
    block = NOISE[:8, :8] @ np.array([0.299, 0.587, 0.114])
    held = np.log1p(np.abs(fft.dctn(block, norm="ortho")))
    order = np.add.outer(np.arange(8), np.arange(8))
    assert statistics(NOISE[:8, :8])["fineness"][4] == pytest.approx(held[(order > 0) & (order < 3)].mean())


def test_what_is_hidden_does_not_count():
    hidden = np.zeros((40, 56), bool)
    hidden[5:21, 9:30] = True
    picture = np.full((40, 56, 3), (50, 100, 150), np.uint8)
    plain = statistics(picture)
    wild = picture.copy()
    wild[7:19, 11:28] = NOISE[7:19, 11:28]  # two pixels off the edge of what is hidden
    found = statistics(wild, hidden)
    for name, values in plain.items():
        assert found[name] == pytest.approx(values, abs=1e-9), name
        assert not np.allclose(statistics(wild)[name], values), name


def test_of_nothing_all_is_zero():
    found = statistics(NOISE, np.ones((40, 56), bool))
    assert all((values == 0).all() for values in found.values())
    assert {name: len(values) for name, values in found.items()} == {
        "colour": 6,
        "fineness": 8,
        "thumbnail": 64,
    }


def test_covered_holds_text_and_a_margin():
    mask = covered([square(20, 10, 40, 18), square(50, 30, 54, 34, ignored=True)], 100, 60)
    assert mask.shape == (60, 100) and mask[10:18, 20:40].all() and mask[30:34, 50:54].all()
    assert mask[8:20, 25:35].all()  # two pixels at least
    assert not mask[:6].any() and not mask[:, 44:46].any() and not mask[40:].any()
    assert not covered([], 100, 60).any()
    large = covered([square(200, 100, 400, 180)], 1000, 600)
    margin = picture_statistics.MARGIN * 600
    rows = np.flatnonzero(large[:, 300])
    assert rows[0] == pytest.approx(100 - margin, abs=1) and rows[-1] == pytest.approx(180 + margin, abs=1)


def test_covered_text_may_leave_the_picture():
    assert covered([square(-50, -50, 500, 500)], 64, 48).all()
    assert not covered([square(100, 100, 200, 200)], 64, 48).any()
