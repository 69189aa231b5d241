"""Arms that ask for nonsense, and GANs whose images do not fit them."""

import numpy as np
import pytest
from PIL import Image

from tests.training.conftest import MADE, generate
from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.training import arms, generated


@pytest.mark.parametrize(
    ("chosen", "changes", "message"),
    [
        ({}, {}, "asks for no network"),
        ({"a": {}}, {"arm_seeds": 0}, "asks for no network"),
        ({"a": {}}, {"patience": 2}, "stops early"),
        ({"a": {"model": "random_forest"}}, {}, "begin with an arm without model="),
        ({"a": {"colour": 1}}, {}, "unknown key 'colour'; an arm has augmentation, balance"),
        ({"a/b": {}}, {}, "cannot name a file"),
        ({"a": {"augmentation": "blur"}}, {}, "'blur' is unknown"),
        ({"a": {"generated": 1.5}}, {}, "give a share from 0 to 1"),
        ({"a": {"generated": "all"}}, {}, 'or "pool"'),
        ({"a": {"generated": 0.5, "kept": 0}}, {}, "keep a share above 0"),
        ({"a": {"generated": 0.5, "kept": 1.1}}, {}, "keep a share above 0"),
        ({"a": {"generated": 0.5, "most": 0}}, {}, "most=0"),
        ({"a": {"kept": 0.5}}, {}, "selects among generated images but shows none"),
        ({"a": {"balance": "weights"}}, {}, "choose one of generated, repeated"),
        ({"a": {"balance": "generated", "generated": 0.5}}, {}, "leave one of them out"),
        ({"a": {}, "b": {"model": "svm"}}, {}, "choose one of logistic_regression"),
        ({"a": {"generated": 0.5}}, {"uses": {}}, "names no run as its gan"),
        ({"a": {"generated": 0.5, "gan": "other"}}, {}, "names no run as its other"),
        ({"a": {"balance": "repeated"}}, {}, "balances one label"),
        ({"a": {"generated": 1.0}}, {}, "shows .* positives among .* a smaller share"),
    ],
)
def test_arms_that_make_no_sense(population, make_arms, gan, chosen, changes, message):
    with pytest.raises(UserError, match=message):
        arms.train(make_arms("run", chosen, **changes), population)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 8}, "images of 8 pixels, but run takes 16; give its experiment at most"),
        ({"finding": "Nodule"}, "images with Nodule alone, but the run's labels are Mass"),
        ({"finding": None}, "images of no label"),
        ({"conditions": ("Mass", "Edema")}, "generated for Mass, Edema, but the run's labels are Mass"),
        ({"seed": 4}, "a GAN with seed 4, and run has 3.*tested on"),
        ({"validation": 0.1}, "a GAN with validation 0.1"),
        ({"max_images": 60}, "a GAN with population nih-labelled-60"),
        ({"images": np.zeros((MADE, 8, 8), np.uint8)}, "does not hold what its config.json says"),
    ],
)
def test_gans_that_do_not_fit(population, make_arms, gan, changes, message):
    run = make_arms("run", {"real": {}, "made": {"generated": 0.5}})
    images = changes.get("images") if isinstance(changes.get("images"), np.ndarray) else None
    generate(gan, **{**changes, "images": images})
    with pytest.raises(UserError, match=message):
        arms.train(run, population)
    assert not (run / "checkpoints").exists()


def test_generated_images_that_are_absent_or_damaged(population, make_arms, gan):
    run = make_arms("run", {"made": {"generated": 0.5}})
    path = gan / "generated.npz"
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(UserError, match=r"generated\.npz is damaged"):
        arms.train(run, population)
    path.unlink()
    with pytest.raises(UserError, match=r"generated\.npz is absent; train the GAN paper/gan"):
        arms.train(run, population)


def test_larger_generated_images_are_scaled_as_the_cache_is(make_arms, gan):
    run = make_arms("run", {"made": {"generated": 0.5}})
    large = np.random.default_rng(0).integers(0, 256, (MADE, 32, 32), dtype=np.uint8)
    generate(gan, size=32, images=large)
    found = generated.load(run, files.read_json(run / "config.json"), "gan").images
    expected = [Image.fromarray(image).resize((16, 16), Image.Resampling.BILINEAR) for image in large]
    np.testing.assert_array_equal(found, np.stack([np.asarray(image) for image in expected]))
