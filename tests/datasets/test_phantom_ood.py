import numpy as np
import pytest

from xray_keras.datasets import manifest, populations
from xray_keras.datasets.phantom import ood_child as phantom_ood_child
from xray_keras.datasets.phantom import ood_limb as phantom_ood_limb
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.datasets.phantom.ood import IMAGES, KINDS, OodPhantom
from xray_keras.errors import UserError

PHANTOM = OodPhantom(3)
SIZE = 64


@pytest.fixture(scope="module")
def frame():
    return PHANTOM.manifest(16)[0]


@pytest.fixture(scope="module")
def pixels(frame):
    return PHANTOM.images(frame, SIZE)


def test_the_default_population():
    spec = {"dataset": "ood", "data": None, "images": "all", "max_images": None, "missing": "error"}
    frame, summary = populations.build(spec)
    manifest.validate(frame)
    assert frame["source"].value_counts().to_dict() == dict.fromkeys(KINDS, IMAGES)
    assert summary["origin"] == "phantom" and not summary["complete"] and summary["absent"] == []
    assert [each["of"] for each in summary["sets"].values()] == ["pneumonia", "mura", "cifar100", "mnist"]
    assert "danielbuechele" in summary["sets"]["photograph-crops"]["citation"]
    assert "CC BY" in summary["sets"]["photograph-crops"]["licence"]
    assert isinstance(populations.source(spec), OodPhantom)
    ill = frame[frame["group"] == "accept"]
    assert 0.65 < ill["Pneumonia"].mean() < 0.83  # printed: 3,883 of 5,232
    assert (ill.groupby("patient")["Pneumonia"].nunique() == 1).all() and ill[
        "patient"
    ].nunique() == IMAGES / 2


def test_a_smaller_manifest_is_a_part_of_a_larger_one(frame):
    larger = PHANTOM.manifest(20)[0]
    assert frame.merge(larger).shape == frame.shape and (frame["path"] == "").all()
    assert PHANTOM.manifest(1)[0]["source"].tolist() == list(KINDS)
    with pytest.raises(UserError, match="at least 1"):
        PHANTOM.manifest(0)


def test_an_image_depends_on_its_row_alone(frame, pixels):
    order = np.random.default_rng(0).permutation(len(frame))[:20]
    assert (PHANTOM.images(frame.iloc[order], SIZE) == pixels[order]).all()
    other = OodPhantom(4).images(frame, SIZE)
    digits = (frame["source"] == "digits-8x8").to_numpy()
    assert ((other != pixels).any(axis=(1, 2)) == ~digits).all()


def test_images_of_a_set_differ_and_fill_the_range(frame, pixels):
    for name in KINDS:
        here = pixels[(frame["source"] == name).to_numpy()]
        assert len(np.unique(here.reshape(len(here), -1), axis=0)) == len(here)
        assert here.std(axis=(1, 2)).min() > 8 and np.ptp(here) > 150


def test_the_same_scene_at_every_size(frame):
    rows = frame.groupby("source").head(3)
    small, large = PHANTOM.images(rows, 64), PHANTOM.images(rows, 128)
    halved = large.reshape(len(rows), 64, 2, 64, 2).mean(axis=(2, 4))
    assert np.abs(halved - small).mean() < 6


def test_a_child_is_no_adult_and_pneumonia_is_seen(frame):
    sick = frame[(frame["source"] == "phantom-children") & (frame["Pneumonia"] == 1)]
    well = sick.assign(Pneumonia=0)
    ill, healthy = (phantom_ood_child.radiographs(3, rows, SIZE).astype(float) for rows in (sick, well))
    assert (np.abs(ill - healthy).max(axis=(1, 2)) > 15).all()
    assert (ill.mean(axis=(1, 2)) >= healthy.mean(axis=(1, 2)) - 0.5).mean() > 0.9  # opacities are bright
    adults = Phantom(3).manifest(30)
    adults = Phantom(3).images(adults, SIZE).astype(float)
    middle = slice(SIZE // 3, 2 * SIZE // 3)
    # Without the air around a small body, the average adult differs from the average child all over the trunk.
    assert np.abs(adults.mean(axis=0) - healthy.mean(axis=0))[middle, middle].mean() > 5


def test_a_limb_is_bone_in_flesh_in_air():
    draw = np.random.default_rng(0)
    axis = (np.arange(128) + 0.5) / 128 * 24 - 12
    x, y = np.broadcast_to(axis[None, :], (128, 128)), np.broadcast_to(-axis[:, None], (128, 128))
    for scene in (phantom_ood_limb._hand, phantom_ood_limb._forearm):
        integral = scene(draw, x, y)
        assert 0.3 < (integral == 0).mean() < 0.9 and 0.5 < integral.max() < 8
    tube = phantom_ood_limb._tube(x, y, (0.0, -50.0), (0.0, 50.0), 2.0, 2.0)
    assert np.allclose(tube, 2 * np.sqrt(np.maximum(4 - x * x, 0)))
    ball = phantom_ood_limb._ball(x, y, (1.0, 0.0), np.array([2.0, 2.0, 2.0]))
    assert abs(2 * ball.sum() * (24 / 128) ** 2 - 4 / 3 * np.pi * 8) < 0.3


def test_rows_of_another_phantom(frame):
    with pytest.raises(UserError, match="no set of the phantom"):
        PHANTOM.images(frame.assign(source="kermany"), SIZE)
    with pytest.raises(UserError, match="no image of the phantom"):
        PHANTOM.images(frame.assign(image="phantom-limbs/x"), SIZE)
    with pytest.raises(UserError, match="at least 1"):
        PHANTOM.images(frame, 0)
