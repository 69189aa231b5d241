import keras
import numpy as np
import pytest

from xray_keras.errors import UserError
from xray_keras.models import deep_covid, frozen

# Parameters of the base: kernels, biases, gammas and betas, and the moving statistics beside them. ResNet18 as
# torchvision counts it, ResNet50 (with biases) and DenseNet-121 as keras.applications, SqueezeNet 1.1 as its authors.
BASES = {
    "resnet18": (11_176_512, 9_600),
    "resnet50": (23_534_592, 53_120),
    "squeezenet": (722_496, 0),
    "densenet121": (6_953_856, 83_648),
}
CHANNELS = {"resnet18": 512, "resnet50": 2048, "squeezenet": 512, "densenet121": 1024}
IMAGES = np.random.default_rng(0).uniform(0, 255, (4, 32, 32, 3)).astype(np.float32)
TARGETS = np.array([0, 1, 0, 1])


def build(architecture: str, **options) -> keras.Model:
    return deep_covid.build(size=32, labels=1, weights="random", architecture=architecture, **options)


def values(model: keras.Model) -> dict[str, np.ndarray]:
    return {variable.path: keras.ops.convert_to_numpy(variable) for variable in model.variables}


def moved(model: keras.Model) -> set[str]:
    """Paths of the variables that two steps of training change."""
    before = values(model)
    # Eager: tracing a deep network takes longer than two steps.
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(IMAGES, TARGETS, batch_size=2, verbose=0)
    return {path for path, value in values(model).items() if not np.array_equal(before[path], value)}


@pytest.fixture(scope="module", params=BASES)
def network(request) -> tuple[str, keras.Model]:
    keras.utils.set_random_seed(1)
    return request.param, build(request.param)


def test_base_and_head_have_their_parameters(network):
    architecture, model = network
    base, statistics = BASES[architecture]
    head = 2 * CHANNELS[architecture] + 2
    assert model.count_params() == base + statistics + head
    assert sum(int(np.prod(v.shape)) for v in model.variables if "moving_" in v.path) == statistics
    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == head


def test_probabilities_from_features_and_head_as_from_the_whole(network):
    architecture, model = network
    stem, head = frozen.split(model)
    features, output = stem(IMAGES), keras.ops.convert_to_numpy(model(IMAGES))
    assert output.shape == (4, 2) and output.dtype == np.float32
    np.testing.assert_allclose(output.sum(axis=1), 1, atol=1e-6)
    assert features.shape[-1] == CHANNELS[architecture]
    assert len(features.shape) == (4 if architecture == "squeezenet" else 2)
    np.testing.assert_allclose(head(features), output, atol=1e-6)


def test_only_the_last_layer_moves(network):
    architecture, model = network
    last = "conv10" if architecture == "squeezenet" else "probabilities"
    assert moved(model) == {f"{last}/kernel", f"{last}/bias"}


def test_as_the_authors_script_statistics_move_too():
    model = build("resnet18", moving_statistics=True)
    assert frozen.split(model) is None
    changed = moved(model)
    statistics = {path for path in values(model) if "moving_" in path}
    assert len(statistics) == 40
    assert changed - statistics == {"probabilities/kernel", "probabilities/bias"}
    assert changed >= statistics


def test_statistics_forget_as_fast_as_in_torch():
    """One batch moves them a tenth of the way to its own mean and variance."""
    model = build("resnet18", moving_statistics=True)
    statistics = model.get_layer("backbone").get_layer("conv1_bn")
    before = keras.ops.convert_to_numpy(statistics.moving_mean)
    inner = model.get_layer("backbone")
    first = keras.Model(inner.input, inner.get_layer("conv1_conv").output)
    scaled = (IMAGES / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    mean = keras.ops.convert_to_numpy(first(scaled.astype(np.float32))).mean(axis=(0, 1, 2))
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(IMAGES, TARGETS, batch_size=4, verbose=0)
    after = keras.ops.convert_to_numpy(statistics.moving_mean)
    np.testing.assert_allclose(after, 0.9 * before + 0.1 * mean, atol=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_no_channel_of_squeezenets_classifier_is_born_dead(seed):
    """All-positive features, as fire9 gives them: both channels answer, and both have a gradient."""
    keras.utils.set_random_seed(seed)
    _, head = frozen.split(build("squeezenet"))
    shape = (8, *head.input_shape[1:])
    features = np.random.default_rng(seed).exponential(size=shape).astype(np.float32)
    alive = keras.ops.convert_to_numpy(head.get_layer("conv10")(features)) > 0
    assert alive.mean(axis=(0, 1, 2)).min() > 0.5


def test_a_saved_model_needs_no_code_of_ours(tmp_path):
    model = build("squeezenet")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(loaded(IMAGES), model(IMAGES))
    assert frozen.split(loaded) is not None


def test_wrong_requests():
    with pytest.raises(ValueError, match="one question"):
        deep_covid.build(size=32, labels=2, weights="random", architecture="resnet18")
    with pytest.raises(UserError, match=r"densenet161.*choose from"):
        build("densenet161")
