import numpy as np
import pytest

from xray_keras.errors import UserError
from xray_keras.training import augmentation, inputs


def test_names():
    assert augmentation.parse("none") == ()
    assert augmentation.parse("shift+zoom") == ("shift", "zoom")
    with pytest.raises(UserError, match=r"'blur' is unknown.*shift, zoom"):
        augmentation.parse("shift+blur")


def test_rare_findings_are_shown_more_often():
    labels = np.zeros((100, 3), int)
    labels[:64, 0] = 1  # common
    labels[64:80, 1] = 1  # a quarter of it
    labels[80:81, 2] = 1  # one
    labels[0, 1] = 1  # common and rarer: the rarer counts
    shown = augmentation.showings(labels)
    assert shown[1] == 1 and shown[70] == 2 and shown[0] == 2 and shown[80] == 4
    assert shown[90] == 1  # without a finding


def show(image: np.ndarray, maps: np.ndarray) -> np.ndarray:
    batch = np.repeat(image[None], len(maps), axis=0).astype(np.uint8)
    return inputs.to_input(batch, maps).numpy()[..., 0]


def test_identity_and_shift_by_hand():
    image = np.zeros((9, 9))
    image[4, 6] = 200
    maps = np.array([[1, 0, 0, 0, 1, 0, 0, 0], [1, 0, 2, 0, 1, 0, 0, 0]], np.float32)
    same, shifted = show(image, maps)
    np.testing.assert_array_equal(same, image)
    assert shifted[4, 4] == 200 and shifted.sum() == 200


def test_maps_keep_the_centre_but_for_shifts():
    rng = np.random.default_rng(0)
    maps = augmentation.transforms(rng, 400, 33, ("zoom", "rotation", "flip"))
    centre = maps[:, [0, 3]] * 16 + maps[:, [1, 4]] * 16 + maps[:, [2, 5]]
    np.testing.assert_allclose(centre, 16, atol=1e-4)
    moved = np.abs(maps - np.array([1, 0, 0, 0, 1, 0, 0, 0])).max(axis=1) > 0
    assert 0.4 < moved.mean() < 0.6
    scale = np.hypot(maps[:, 0], maps[:, 3])
    assert 0.9 <= scale.min() < 0.95 and 1.05 < scale.max() <= 1.1


def test_shifts_go_left_and_right_only():
    maps = augmentation.transforms(np.random.default_rng(0), 400, 100, ("shift",))
    assert np.abs(maps[:, 5]).max() < 1e-4
    assert maps[:, 2].min() < -5 and maps[:, 2].max() > 5 and np.abs(maps[:, 2]).max() <= 10.01
