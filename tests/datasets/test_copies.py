import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from xray_keras.datasets import copies


def blob(side: int) -> np.ndarray:
    """A smooth bright spot left of and above the centre."""
    y, x = np.mgrid[:side, :side] / side
    return np.rint(255 * np.exp(-((x - 0.35) ** 2 + (y - 0.4) ** 2) / 0.005)).astype(np.uint8)


def test_rows_are_repeated_under_names_of_their_own():
    rows = pd.DataFrame({"image": ["a.png", "b#1.png"], "patient": ["1", "2"]}, index=[7, 9])
    found = copies.expand(rows, 3)
    assert found["image"].tolist() == ["a.png", "a.png#1", "a.png#2", "b#1.png", "b#1.png#1", "b#1.png#2"]
    assert found["copy"].tolist() == [0, 1, 2, 0, 1, 2] and found["patient"].tolist() == [*"111222"]
    assert copies.expand(rows, 1)["copy"].tolist() == [0, 0]


def test_a_copy_depends_on_name_and_number_alone():
    image = blob(48)
    np.testing.assert_array_equal(copies.transform(image, "a", 0), image)
    first = copies.transform(image, "a", 1)
    np.testing.assert_array_equal(first, copies.transform(image, "a", 1))
    assert first.dtype == np.uint8 and first.shape == image.shape
    others = [copies.transform(image, "a", 3), copies.transform(image, "b", 1)]
    assert all((first != other).any() for other in others)


def test_copies_are_pinned():
    """Another machine or numpy makes the same copies; a change here needs another METHOD."""
    assert copies.METHOD == "copies-1"
    np.testing.assert_allclose(
        copies.inverse_map("a.png", 1)[:2].round(6),
        [[-1.010541, 0.113017, -0.006177], [0.09799, 1.005605, -0.006565]],
        atol=1e-6,
    )


def test_every_second_copy_is_mirrored_and_all_stay_close():
    image = blob(64)
    for copy in range(1, 16):
        y, x = ndimage.center_of_mass(copies.transform(image, "a.png", copy))
        expected = 1 - 0.35 if copy % 2 else 0.35
        assert abs(x / 64 - expected) < 0.1 and abs(y / 64 - 0.4) < 0.1, copy


def test_ranges_of_rotation_and_distortion():
    corners = np.array([[-0.5, -0.5, 1], [0.5, -0.5, 1], [0.5, 0.5, 1], [-0.5, 0.5, 1]]).T
    angles, moves = [], []
    for number in range(300):
        a, b, c = copies.inverse_map(f"{number}.png", 2) @ corners
        at = np.stack([a / c, b / c])
        # the rotation that fits best, and what remains
        u, _, v = np.linalg.svd(at @ corners[:2].T)
        turn = u @ v
        angles.append(np.degrees(np.arctan2(turn[1, 0], turn[0, 0])))
        moves.append(np.abs(turn.T @ at - corners[:2]).max())
    assert 8 < max(np.abs(angles)) < copies.ROTATION + 5 and abs(np.mean(angles)) < 1.5
    assert 0.03 < max(moves) < 2 * copies.DISTORTION


def test_every_size_shows_the_same_copy():
    large = copies.transform(blob(128), "a.png", 5)
    small = copies.transform(blob(64), "a.png", 5)
    difference = large.reshape(64, 2, 64, 2).mean(axis=(1, 3)) - small
    assert np.abs(difference).max() < 20 and np.abs(difference).mean() < 1


def test_the_edge_repeats():
    white = np.full((32, 32), 255, np.uint8)
    assert all((copies.transform(white, "a", copy) == 255).all() for copy in range(16))


class Counting:
    """Originals of one gray each; counts what it decodes."""

    def __init__(self) -> None:
        self.decoded: list[str] = []

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        self.decoded += rows["image"].tolist()
        return np.stack([np.full((size, size), ord(name[0]), np.uint8) for name in rows["image"]])

    def signature(self, rows: pd.DataFrame) -> str:
        return f"{len(rows)} of {sorted(set(rows['image']))}"


def test_originals_are_decoded_once_and_rows_keep_their_order():
    rows = copies.expand(pd.DataFrame({"image": ["a", "b", "c"]}), 4).iloc[::-1]
    counting = Counting()
    source = copies.WithCopies(counting)
    pixels = source.images(rows, 8)
    assert sorted(counting.decoded) == ["a", "b", "c"]
    assert pixels.shape == (12, 8, 8) and pixels.dtype == np.uint8
    assert [chr(level) for level in pixels[:, 4, 4]] == [name[0] for name in rows["image"]]
    assert source.signature(rows) == "12 of ['a', 'b', 'c'], copies-1"


@pytest.mark.parametrize("part", [slice(0, 3), slice(5, 6)])
def test_a_batch_does_not_matter(part):
    rows = copies.expand(pd.DataFrame({"image": ["a", "b"]}), 4)
    source = copies.WithCopies(Counting())
    np.testing.assert_array_equal(source.images(rows.iloc[part], 8), source.images(rows, 8)[part])
