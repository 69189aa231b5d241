import numpy as np

from xray_keras.models import small_cnn


def test_shapes_parameters_and_range():
    model = small_cnn.build(size=64, labels=3, dropout=0.2)
    maps = [model.get_layer(name).output.shape[1:] for name in ("relu1", "relu2", "relu3", "features")]
    assert maps == [(32, 32, 16), (16, 16, 32), (8, 8, 64), (8 * 8 * 64,)]
    convolutions = 9 * (3 * 16 + 16 * 32 + 32 * 64)
    assert model.count_params() == convolutions + 4 * (16 + 32 + 64) + (8 * 8 * 64 + 1) * 3
    p = model.predict(np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)), verbose=0)
    assert p.shape == (2, 3) and ((p > 0) & (p < 1)).all()
