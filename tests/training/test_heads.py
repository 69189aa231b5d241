import keras
import numpy as np
import pytest

from xray_keras.training import heads, inputs

CONFIG = {"seed": 1, "batch_size": 8, "augmentation": "none"}
N = 43  # the last batch is a small one
FEATURES = np.random.default_rng(0).normal(size=(N, 5)).astype(np.float32)
TARGETS = (FEATURES[:, :1] > 0).astype(np.float32)


def make_head(dropout: float = 0.0) -> keras.Model:
    keras.utils.set_random_seed(2)
    x = features = keras.Input((5,))
    x = keras.layers.Dropout(dropout)(x)
    head = keras.Model(features, keras.layers.Dense(1, activation="sigmoid")(x))
    head.compile(keras.optimizers.Adam(0.05), "binary_crossentropy", steps_per_execution=-(-N // 8))
    return head


def train(head: keras.Model, epochs: range, stop_after: int | None = None) -> list[tuple[int, float]]:
    told: list[tuple[int, float]] = []

    def completed(epoch: int, loss: float) -> bool:
        told.append((epoch, loss))
        return epoch == stop_after

    heads.fit(head, FEATURES, TARGETS, CONFIG, epochs, completed)
    return told


def weights(head: keras.Model) -> np.ndarray:
    return np.concatenate([np.ravel(value) for value in head.get_weights()[:2]])


def test_the_same_as_the_loop_over_batches():
    head, loop = make_head(), make_head()
    told = train(head, range(3))
    loop.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
    losses = []
    for epoch in range(3):
        batches = inputs.epoch_of(FEATURES, np.arange(N), TARGETS, CONFIG, epoch)
        losses += loop.fit(batches, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(weights(head), weights(loop), atol=1e-6)
    assert told == [(epoch, pytest.approx(loss, abs=1e-6)) for epoch, loss in enumerate(losses)]


def test_it_learns():
    head = make_head()
    losses = [loss for _, loss in train(head, range(40))]
    assert losses[-1] < 0.3 * losses[0]


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_interrupted_and_continued_it_ends_with_the_same_weights(dropout):
    undisturbed, continued = make_head(dropout), make_head(dropout)
    train(undisturbed, range(5))
    train(continued, range(2))
    assert [epoch for epoch, _ in train(continued, range(2, 5))] == [2, 3, 4]
    np.testing.assert_array_equal(weights(undisturbed), weights(continued))


def test_it_stops_when_told():
    assert [epoch for epoch, _ in train(make_head(), range(9), stop_after=4)] == [0, 1, 2, 3, 4]


def test_nothing_left_to_do():
    assert train(make_head(), range(5, 5)) == []


def test_ten_lines_a_training():
    assert [epoch for epoch in range(100) if heads.is_told(epoch, 100)] == list(range(9, 100, 10))
    assert all(heads.is_told(epoch, 4) for epoch in range(4))
    assert heads.is_told(6, 7)
