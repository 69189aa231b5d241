import keras
import numpy as np
import pytest

from xray_keras.models import frozen, inception_v3, transfer, vgg16


@pytest.fixture(scope="module")
def vgg():
    model = vgg16.build(size=32, labels=14, weights="random", dropout=0.5)
    head = model.get_layer("probabilities")
    assert not any(weight.any() for weight in head.get_weights())  # it starts from zeros
    head.set_weights([np.random.default_rng(4).normal(size=weight.shape) for weight in head.get_weights()])
    return model


def test_vgg16_trains_its_last_four_layers_only(vgg):
    assert vgg.output_shape == (None, 14)
    assert vgg.count_params() == 14_714_688 + 4 * 512 + 512 * 14 + 14
    trained = sorted({variable.path.split("/")[-2] for variable in vgg.trainable_variables})
    assert trained == ["block5_conv1", "block5_conv2", "block5_conv3", "pool_normalisation", "probabilities"]


def test_inception_v3_trains_every_layer():
    model = inception_v3.build(size=75, labels=14, weights="random", dropout=0.5)
    assert model.count_params() == 21_802_784 + 2048 * 14 + 14
    # all kernels, batch-norm offsets and the head; what is left are moving statistics and the dropout's seed
    assert len(model.trainable_variables) == 94 + 94 + 2
    assert frozen.split(model) is None


def test_moving_statistics_follow_the_momentum():
    """After one pass in training, of constant images, the statistics have gone 1 − momentum of the way."""
    images = np.full((2, 75, 75, 3), 200, np.float32)
    moved = {}
    for momentum in (0.99, 0.9):
        keras.utils.set_random_seed(3)
        model = inception_v3.build(
            size=75, labels=1, weights="random", dropout=0.0, batch_norm_momentum=momentum
        )
        statistics = next(v for v in model.non_trainable_variables if v.path.endswith("moving_mean"))
        before = keras.ops.convert_to_numpy(statistics)
        model(images, training=True)
        moved[momentum] = keras.ops.convert_to_numpy(statistics) - before
    assert np.abs(moved[0.9]).max() > 0
    np.testing.assert_allclose(moved[0.9], 10 * moved[0.99], rtol=1e-3, atol=1e-6)


def test_frozen_features_and_head_make_the_whole(vgg):
    images = np.random.default_rng(0).uniform(0, 255, (3, 32, 32, 3)).astype(np.float32)
    stem, head = frozen.split(vgg)
    features = stem.predict(images, verbose=0)
    assert features.shape == (3, 2, 2, 512)
    np.testing.assert_allclose(head.predict(features, verbose=0), vgg.predict(images, verbose=0), atol=1e-6)
    assert not stem.trainable_variables
    assert len(head.trainable_variables) == len(vgg.trainable_variables)


def test_training_the_head_trains_the_whole():
    """One step on cached features equals one step of the whole model on the images."""
    rng = np.random.default_rng(0)
    images = rng.uniform(0, 255, (4, 32, 32, 3)).astype(np.float32)
    targets = rng.integers(0, 2, (4, 14)).astype(np.float32)
    outputs = []
    for cached in (False, True):
        keras.utils.set_random_seed(5)
        model = vgg16.build(size=32, labels=14, weights="random", dropout=0.0)
        stem, head = frozen.split(model)
        trained, data = (head, stem.predict(images, verbose=0)) if cached else (model, images)
        trained.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
        trained.fit(data, targets, batch_size=4, epochs=2, verbose=0)
        outputs.append(model.predict(images, verbose=0))
    np.testing.assert_allclose(outputs[0], outputs[1], atol=1e-5)
    assert np.ptp(outputs[0]) > 0


def test_a_saved_model_needs_no_code_of_ours(vgg, tmp_path):
    images = np.random.default_rng(1).uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)
    vgg.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_allclose(loaded.predict(images, verbose=0), vgg.predict(images, verbose=0), atol=1e-6)


def test_frozen_batch_normalisation_does_not_move():
    model = transfer.build("resnet18", size=32, labels=2, weights="random", dropout=0.0, frozen_layers=4)
    before = {v.path: keras.ops.convert_to_numpy(v) for v in model.variables if "moving" in v.path}
    assert before
    model.compile("sgd", "binary_crossentropy")
    images = np.random.default_rng(2).uniform(0, 255, (4, 32, 32, 3)).astype(np.float32)
    model.fit(images, np.zeros((4, 2), np.float32), verbose=0)
    frozen_part = {v.path for v in model.get_layer(frozen.FROZEN).variables}
    moved = {
        path
        for v in model.variables
        if (path := v.path) in before and not np.array_equal(before[path], keras.ops.convert_to_numpy(v))
    }
    assert moved and not moved & frozen_part
