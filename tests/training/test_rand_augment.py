import numpy as np
import pytest

from xray_keras.training import rand_augment

NAMES = tuple(rand_augment.OPERATIONS)
RNG = np.random.default_rng(4)
IMAGES = RNG.integers(60, 190, (6, 20, 20)).astype(np.uint8)


def after(name: str, sign: int, images: np.ndarray = IMAGES) -> np.ndarray:
    """Images after one operation, the other being the identity."""
    drawn = np.tile([NAMES.index(name), NAMES.index("identity")], (len(images), 1))
    return rand_augment.augment(images, drawn, np.full(drawn.shape, sign))


def test_the_list_is_the_papers_without_color():
    assert len(NAMES) == 13 and "color" not in NAMES


def test_the_identity_and_the_shape():
    np.testing.assert_array_equal(after("identity", 1), IMAGES)
    for name in NAMES:
        result = after(name, -1)
        assert result.shape == IMAGES.shape and result.dtype == np.uint8
        assert name == "identity" or not np.array_equal(result, IMAGES)


def test_gray_values_by_hand():
    # M = 9 of 10: 8 − 0.9·4 ≈ 4 bits are left; above 256·0.1 ≈ 26 an image is inverted.
    np.testing.assert_array_equal(after("posterise", 1), IMAGES & 0b11110000)
    np.testing.assert_array_equal(after("solarise", 1), 255 - IMAGES)
    dark = np.full((1, 5, 5), 20, np.uint8)
    np.testing.assert_array_equal(after("solarise", 1, dark), dark)
    np.testing.assert_allclose(after("brightness", -1), IMAGES * 0.19, atol=1)
    stretched = after("autocontrast", 1)
    assert stretched.min(axis=(1, 2)).max() == 0 and stretched.max(axis=(1, 2)).min() >= 254
    narrow = RNG.integers(100, 140, (1, 80, 80)).astype(np.uint8)
    levels = np.sort(after("equalise", 1, narrow).ravel())
    np.testing.assert_allclose(levels, np.linspace(0, 255, levels.size), atol=12)


@pytest.mark.parametrize(("name", "factor"), [("contrast", 0.19), ("sharpness", 0.9)])
def test_enhancements_have_two_directions(name, factor):
    less, more = after(name, -1).astype(float).std(), after(name, 1).astype(float).std()
    assert less < factor * IMAGES.std() * 1.1 and more > 1.2 * IMAGES.std()


def test_geometry_by_hand():
    image = np.zeros((1, 331, 331), np.uint8)
    image[0, 160:171, 160:171] = 200  # about the centre
    for name, axis in (("translation x", 1), ("translation y", 0)):
        rows = [np.argwhere(after(name, sign, image)[0] > 100)[:, axis].mean() for sign in (-1, 1)]
        assert rows == pytest.approx([165 + 135, 165 - 135], abs=1)  # 0.9 · 150 pixels of 331
    for name, axis in (("shear x", 1), ("shear y", 0)):
        rows = [np.argwhere(after(name, sign, image)[0] > 100)[:, axis].mean() for sign in (-1, 1)]
        assert rows == pytest.approx([165 + 0.27 * 165, 165 - 0.27 * 165], abs=1.5)
    bar = np.zeros((1, 101, 101), np.uint8)
    bar[0, 49:52, 20:81] = 255
    for sign in (-1, 1):
        y, x = np.argwhere(after("rotation", sign, bar)[0] > 120).T
        assert np.rad2deg(np.arctan(np.polyfit(x, y, 1)[0])) == pytest.approx(-sign * 27, abs=1)


def test_draws_are_uniform_and_repeatable():
    drawn, signs = rand_augment.draw(np.random.default_rng(1), 13_000)
    assert drawn.shape == signs.shape == (13_000, 2) and set(signs.ravel()) == {-1, 1}
    counts = np.bincount(drawn.ravel(), minlength=13)
    assert len(counts) == 13 and np.abs(counts - 2000).max() < 200
    assert (drawn[:, 0] == drawn[:, 1]).mean() == pytest.approx(1 / 13, abs=0.02)
    again, _ = rand_augment.draw(np.random.default_rng(1), 13_000)
    np.testing.assert_array_equal(drawn, again)


def test_one_image_does_not_depend_on_the_others():
    drawn, signs = rand_augment.draw(np.random.default_rng(2), len(IMAGES))
    together = rand_augment.augment(IMAGES, drawn, signs)
    for k in range(len(IMAGES)):
        part = slice(k, k + 1)
        np.testing.assert_array_equal(
            rand_augment.augment(IMAGES[part], drawn[part], signs[part])[0], together[k]
        )
