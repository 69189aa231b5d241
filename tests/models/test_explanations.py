import keras
import numpy as np
import pytest
import tensorflow as tf

from xray_keras.errors import UserError
from xray_keras.models import explanations, transfer

SIZE = 8


def small(activation: str = "relu") -> keras.Model:
    """Two convolutions, one of them in a nested model; pooling, normalisation, dropout, three sigmoids."""
    inner = keras.Input((SIZE, SIZE, 4))
    nested = keras.Model(
        inner, keras.layers.Conv2D(5, 3, strides=2, padding="same", activation=activation)(inner)
    )
    images = keras.Input((SIZE, SIZE, 3), name="image")
    x = keras.layers.Rescaling(1 / 255)(images)
    x = nested(keras.layers.Conv2D(4, 3, padding="same", activation=activation)(x))
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(0.5)(x)
    x = keras.layers.Dense(3, activation="sigmoid")(x)
    model = keras.Model(images, x)
    rng = np.random.default_rng(7)
    for variable in model.weights:
        if "seed" not in variable.path:
            variable.assign(rng.uniform(0.2, 1, variable.shape) * rng.choice([-1, 1], variable.shape))
        if variable.path.endswith("moving_variance"):
            variable.assign(rng.uniform(0.5, 2, variable.shape))
    return model


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return small()


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    grey = np.random.default_rng(3).uniform(0, 255, (4, SIZE, SIZE, 1))
    return np.repeat(grey, 3, axis=-1).astype(np.float32)


def logits(model: keras.Model, images: np.ndarray) -> np.ndarray:
    p = np.asarray(model(images, training=False), np.float64)
    return np.log(p / (1 - p))


def test_logits_are_those_of_the_model(model: keras.Model, images: np.ndarray) -> None:
    parts = explanations.take_apart(model)
    np.testing.assert_allclose(parts.logits(parts.maps(images)), logits(model, images), atol=1e-5)


@pytest.mark.parametrize("label", [None, 1, np.array([0, 2, 1, 0])])
def test_saliency_is_the_positive_part_of_the_numeric_gradient(images: np.ndarray, label) -> None:
    """Of a smooth network, pixel by pixel, all three channels moved together."""
    model = small("tanh")

    step = 4.0
    moved = np.zeros((SIZE, SIZE, 1, SIZE, SIZE, 3), np.float32)  # one pixel each
    for at in np.ndindex(SIZE, SIZE):
        moved[at][:, *at] = step
    batch = np.stack([images + moved, images - moved]).reshape(-1, SIZE, SIZE, 3)
    outputs = logits(model, batch).reshape(2, SIZE, SIZE, 4, 3)
    explained = outputs.sum(axis=-1) if label is None else outputs[..., np.arange(4), label]
    numeric = np.moveaxis(explained[0] - explained[1], -1, 0) / (2 * step)
    found = explanations.saliency(model, images, label).numpy()
    assert found.dtype == np.float32
    assert found.shape == (4, SIZE, SIZE)
    assert (found == 0).any() and (found > 0).any()
    scale = np.abs(numeric).max()
    np.testing.assert_allclose(found, np.maximum(numeric, 0), atol=0.01 * scale)


def linear() -> tuple[keras.Model, np.ndarray]:
    """One convolution as large as the image: every output is a weighted sum of the pixels."""
    images = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(2, SIZE, use_bias=False)(images)  # (B, 1, 1, 2)
    x = keras.layers.Dense(2, activation="sigmoid")(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(images, x)
    weights = np.random.default_rng(1).normal(size=(SIZE, SIZE, 3, 2)).astype(np.float32)
    model.set_weights([weights, np.eye(2), np.zeros(2)])
    return model, weights.sum(axis=2)  # (S, S, 2), channels together


def test_saliency_of_a_linear_model_is_its_weights(images: np.ndarray) -> None:
    model, weights = linear()
    small_images = images / 1e4  # the sigmoid must not saturate in what follows
    for label in (0, 1):
        found = explanations.saliency(model, small_images, label)
        np.testing.assert_allclose(
            found, np.broadcast_to(np.maximum(weights[..., label], 0), found.shape), rtol=1e-5
        )
    both = explanations.saliency(model, small_images)
    np.testing.assert_allclose(both[0], np.maximum(weights.sum(axis=2), 0), rtol=1e-4, atol=1e-6)


def test_the_code_s_variant_has_sigmoids_absolute_values_and_the_largest_channel(images: np.ndarray) -> None:
    model, _ = linear()
    kernel = model.get_weights()[0]
    p = np.asarray(model(images / 1e4))
    slope = (p * (1 - p))[:, None, None, None]  # (B, 1, 1, 1, 2)
    expected = np.abs((kernel * slope).sum(axis=-1)).max(axis=-1)
    np.testing.assert_allclose(
        explanations.saliency(model, images / 1e4, variant="code"), expected, rtol=1e-4
    )


def test_mean_of_the_class_activation_map_and_the_bias_are_the_logit(
    model: keras.Model, images: np.ndarray
) -> None:
    parts = explanations.take_apart(model)
    outputs = logits(model, images)
    for label in range(3):
        found = explanations.cam(model, images, label, upsampled=False)
        assert found.shape == (4, SIZE // 2, SIZE // 2)
        np.testing.assert_allclose(
            np.mean(found, axis=(1, 2)) + parts.bias[label], outputs[:, label], atol=1e-5
        )
    every = explanations.cam(model, images, None, upsampled=False)
    np.testing.assert_allclose(
        np.mean(every, axis=(1, 2)) + np.sum(parts.bias), outputs.sum(axis=1), atol=1e-5
    )


def test_grad_cam_is_the_positive_part_of_the_map_over_its_cells(
    model: keras.Model, images: np.ndarray
) -> None:
    maps = np.asarray(explanations.cam(model, images, 2, upsampled=False))
    assert (maps < 0).any() and (maps > 0).any()
    found = explanations.grad_cam(model, images, 2, upsampled=False)
    np.testing.assert_allclose(found, np.maximum(maps, 0) / (SIZE // 2) ** 2, rtol=1e-5, atol=1e-6)


def test_each_image_may_have_a_label_of_its_own(model: keras.Model, images: np.ndarray) -> None:
    labels = np.array([2, 0, 1, 2])
    for method in (explanations.saliency, explanations.cam, explanations.grad_cam):
        found = method(model, images, labels)
        for k, label in enumerate(labels):
            np.testing.assert_allclose(found[k], method(model, images[k : k + 1], int(label))[0], atol=1e-5)


def test_upsampling_keeps_corners_and_size(model: keras.Model, images: np.ndarray) -> None:
    coarse, fine = (np.asarray(explanations.cam(model, images, 0, upsampled=up)) for up in (False, True))
    assert fine.shape == (4, SIZE, SIZE)
    np.testing.assert_allclose(
        fine[:, [0, 0, -1, -1], [0, -1, 0, -1]], coarse[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    )
    assert fine.max() <= coarse.max() and fine.min() >= coarse.min()


def test_one_forward_pass_gives_what_the_functions_give(model: keras.Model, images: np.ndarray) -> None:
    labels = np.array([2, 0, 1, 2])
    traced = tf.function(lambda batch, label: explanations.class_maps(model, batch, label))
    found = traced(tf.constant(images), tf.constant(labels))
    np.testing.assert_allclose(found.probability, model(images), atol=1e-6)
    np.testing.assert_allclose(found.cam, explanations.cam(model, images, labels), atol=1e-5)
    np.testing.assert_allclose(found.grad_cam, explanations.grad_cam(model, images, labels), atol=1e-5)
    np.testing.assert_allclose(found.cam_all, explanations.cam(model, images, None), atol=1e-5)


@pytest.mark.parametrize("frozen_layers", [0, 4])
def test_a_transfer_model_is_explained_before_and_after_saving(tmp_path, frozen_layers: int) -> None:
    """Backbone as one nested model, or as the nested models `frozen` and `trained`."""
    model = transfer.build(
        "vgg16",
        size=32,
        labels=4,
        weights="random",
        dropout=0.5,
        frozen_layers=frozen_layers,
        normalised=True,
    )
    head = model.layers[-1]
    head.set_weights([np.random.default_rng(0).normal(size=weight.shape) for weight in head.get_weights()])
    batch = np.random.default_rng(1).uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    for each in (model, loaded):
        found = explanations.class_maps(each, batch, 1)
        gradient = explanations.saliency(each, batch, 1)
        np.testing.assert_allclose(found.probability, model(batch, training=False), atol=1e-5)
        assert gradient.shape == found.cam.shape == (2, 32, 32)
        assert float(tf.reduce_max(gradient)) > 0
    parts = explanations.take_apart(loaded)
    np.testing.assert_allclose(parts.logits(parts.maps(batch)), logits(model, batch), rtol=1e-3, atol=1e-4)


def test_other_endings_are_refused() -> None:
    images = keras.Input((SIZE, SIZE, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(images)
    dense = keras.layers.Dense(2, activation="sigmoid")
    for output in (
        keras.layers.Dense(2, activation="softmax")(pooled),
        dense(keras.layers.Dense(2, activation="relu")(pooled)),
        keras.layers.Dense(2, activation="sigmoid")(keras.layers.Flatten()(images)),
    ):
        with pytest.raises(UserError, match="does not end in global average pooling"):
            explanations.take_apart(keras.Model(images, output))
