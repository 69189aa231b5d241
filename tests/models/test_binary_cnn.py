import keras
import numpy as np
import pytest

from xray_keras.models import binary_cnn


def test_it_is_the_printed_network():
    model = binary_cnn.build(size=128, labels=1, dropout=0.25, l2=0.01)
    assert model.count_params() == 67_145_666
    assert model.input_shape == (None, 128, 128, 3)
    assert model.output_shape == (None, 2)
    printed = [
        ("Conv2D", (None, 128, 128, 32)),
        ("MaxPooling2D", (None, 64, 64, 32)),
        ("Conv2D", (None, 64, 64, 64)),
        ("MaxPooling2D", (None, 32, 32, 64)),
        ("Flatten", (None, 65536)),
        ("Dropout", (None, 65536)),
        ("Dense", (None, 1024)),
        ("Dropout", (None, 1024)),
        ("Dense", (None, 2)),
    ]
    layers = [(type(layer).__name__, tuple(layer.output.shape)) for layer in model.layers[2:]]
    assert layers == printed
    assert [model.get_layer(name).kernel_size for name in ("conv1", "conv2")] == [(3, 3), (4, 4)]
    assert [model.get_layer(f"dropout_{name}").rate for name in ("pool", "dense")] == [0.25, 0.5]


def test_beta_is_the_squared_norm_of_the_dense_kernel():
    model = binary_cnn.build(size=8, labels=1, dropout=0.1, l2=0.5)
    kernel = keras.ops.convert_to_numpy(model.get_layer("dense").kernel)
    (penalty,) = model.losses
    assert float(penalty) == pytest.approx(0.5 * np.sum(kernel**2), rel=1e-5)


def test_probabilities_sum_to_one_and_black_equals_its_definition():
    model = binary_cnn.build(size=8, labels=1, dropout=0.1, l2=0.0)
    output = model.predict(np.full((2, 8, 8, 3), 255.0, np.float32), verbose=0)
    np.testing.assert_allclose(output.sum(axis=1), 1, rtol=1e-6)
    assert output.dtype == np.float32


def test_it_is_binary():
    with pytest.raises(ValueError, match="one finding"):
        binary_cnn.build(size=8, labels=2, dropout=0.1, l2=0.0)
