import numpy as np
import pytest

from tests.evaluation.phantom_people import SIZE, pictures
from xray_keras.evaluation import planted, privacy_control, privacy_sides, reidentification
from xray_keras.evaluation.neighbours import Neighbours

RNG = np.random.default_rng(5)


def test_disguises_are_those_that_are_named():
    images = pictures(31, 6, 2)[1][:6]
    found = planted.copies(images, 0)
    np.testing.assert_array_equal(found["flipped"], images[:, :, ::-1])
    np.testing.assert_array_equal(found["exact"], images)
    for kind in ("cropped", "jpeg"):
        assert found[kind].shape == images.shape and found[kind].dtype == np.uint8
        assert 0.5 < np.abs(found[kind].astype(float) - images).mean() < 30, kind
    again = planted.copies(images, 1)
    assert not np.array_equal(again["cropped"], found["cropped"])
    # A crop shows a ninth more of every pixel: its edges are those of an inner square.
    grid = np.tile(np.arange(SIZE, dtype=np.uint8), (3, SIZE, 1))
    for picture in planted.copies(grid, 2)["cropped"].astype(float):
        assert np.diff(picture[10, 5:-5]).mean() == pytest.approx(0.9, abs=0.05)


def test_a_copy_that_the_screen_lets_pass_stays_known():
    images = RNG.integers(0, 256, (40, 16, 16)).astype(np.uint8)
    patients = (np.arange(40) // 2).astype(str)

    def embed(pictures: np.ndarray) -> np.ndarray:
        return pictures.reshape(len(pictures), -1) / 255

    side = privacy_sides.Side(images, patients, patients, embed(images))
    references = np.arange(0, 40, 2)
    hidden = privacy_control.hide(side, references, 0)
    assert (patients[hidden.originals] == patients[references[hidden.people]]).all()
    assert set(hidden.originals % 2) == {0, 1}  # not always the image by which he is looked for
    unknown = embed(RNG.integers(0, 256, (30, 16, 16)).astype(np.uint8))
    attack = reidentification.Attack(side.vectors[references], unknown[:20], 0.1, 0.05, 19)
    distance = np.where(np.arange(20) < 5, 0.5, 0.1)  # the first five pass
    found = {kind: Neighbours(hidden.originals[:, None], distance[:, None]) for kind in hidden.copies}
    result = privacy_control.judge(hidden, found, unknown[20:], unknown[20:25], attack, 0.3, embed)
    own = hidden.originals == references[hidden.people]
    assert result["matched"] == {"without": 0, "with": int(own.sum()), "screened": int(own[:5].sum())}
    assert result["kinds"]["exact"] == {"planted": 20, "flagged": 15, "found": 20}
    assert 0 < result["screened"]["training"]["value"] < result["with"]["training"]["value"]
