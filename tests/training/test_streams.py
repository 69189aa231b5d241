"""Batches that numpy makes come in order, as often as they are asked for."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import xray_keras
from xray_keras.training import streams

SIGNATURE = [tf.TensorSpec((None, 2), tf.uint8), tf.TensorSpec((None,), tf.float32)]


def generate(batches):
    for k in range(batches):
        yield np.full((k + 1, 2), k, np.uint8), np.arange(k + 1, dtype=np.float32)


def test_each_iteration_begins_anew_and_gives_what_the_generator_yields():
    dataset = streams.dataset(lambda: generate(5), 3, SIGNATURE)
    assert dataset.cardinality() == 3 and dataset.element_spec == tuple(SIGNATURE)
    for _ in range(2):
        for found, expected in zip(dataset.as_numpy_iterator(), generate(3), strict=True):
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_array_equal(one, other)
                assert one.dtype == other.dtype
    next(iter(dataset))  # is left off
    assert len(list(dataset)) == 3


def test_a_generator_that_ends_early_or_fails_is_an_error():
    with pytest.raises(tf.errors.OpError, match="StopIteration"):
        list(streams.dataset(lambda: generate(2), 3, SIGNATURE))

    def broken():
        yield from generate(1)
        raise ValueError("no such picture")

    with pytest.raises(tf.errors.OpError, match="no such picture"):
        list(streams.dataset(broken, 3, SIGNATURE))


def test_no_module_uses_what_these_replace():
    package = Path(xray_keras.__file__).parent
    assert [path for path in package.rglob("*.py") if "from_generator(" in path.read_text()] == []
