import numpy as np
import pytest

from xray_keras.training import inputs

CONFIG = {"seed": 1, "batch_size": 4, "augmentation": "none"}
IMAGES = np.random.default_rng(0).integers(0, 256, (10, 8, 8), dtype=np.uint8)
ROWS = np.arange(2, 10)
TARGETS = np.arange(8, dtype=np.float32)[:, None]


def epoch(number: int, **changes) -> tuple[np.ndarray, np.ndarray]:
    batches = list(inputs.epoch_of(IMAGES, ROWS, TARGETS, {**CONFIG, **changes}, number))
    return tuple(np.concatenate([batch[k].numpy() for batch in batches]) for k in (0, 1))


def test_an_epoch_shows_every_image_once_with_its_target():
    x, y = epoch(0)
    assert x.shape == (8, 8, 8, 3) and x.dtype == np.float32
    assert sorted(y[:, 0]) == list(range(8)) and list(y[:, 0]) != list(range(8))
    for image, target in zip(x, y[:, 0], strict=True):
        np.testing.assert_array_equal(image[..., 1], IMAGES[2 + int(target)])


def test_order_is_a_function_of_seed_and_epoch():
    np.testing.assert_array_equal(epoch(3)[1], epoch(3)[1])
    assert not np.array_equal(epoch(3)[1], epoch(4)[1])
    assert not np.array_equal(epoch(3)[1], epoch(3, seed=2)[1])


@pytest.mark.parametrize("operation", ["shift", "zoom", "flip", "rotation"])
def test_augmentation_reaches_the_batches(operation):
    labels = np.ones((8, 1), np.float32)
    batches = list(inputs.epoch_of(IMAGES, ROWS, labels, {**CONFIG, "augmentation": operation}, 0))
    shown = np.concatenate([x.numpy()[..., 0] for x, _ in batches])
    known = {image.astype(np.float32).tobytes() for image in IMAGES}
    changed = sum(image.tobytes() not in known for image in shown)
    assert 0 < changed < len(shown)


def test_features_pass_unchanged():
    features = np.random.default_rng(1).normal(size=(10, 3)).astype(np.float32)
    (x, y), *_ = inputs.epoch_of(features, ROWS, TARGETS, CONFIG, 0)
    np.testing.assert_array_equal(x, features[2 + y.numpy()[:, 0].astype(int)])
