"""Batches that numpy makes, as a data set of TensorFlow."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf

Batch = tuple[np.ndarray, ...]


def dataset(
    generate: Callable[[], Iterator[Batch]], steps: int, signature: Sequence[tf.TensorSpec]
) -> tf.data.Dataset:
    """What a generator yields, in its order; each iteration begins a new one.

    Not by `tf.data.Dataset.from_generator`: in TensorFlow 2.21 its first use has the C library return freed memory
    to the system at once, in the whole process and for good, and every large array of numpy is then paid for twice.

    Args:
        generate: begins an iteration; it is called again only after the one before has ended.
        steps: how many batches it yields; a shorter one is an error, more are not asked for.
        signature: of the tensors of a batch.
    """
    running: Iterator[Batch] = iter(())

    def batch(number: np.int64) -> Batch:
        nonlocal running
        if number == 0:
            running = generate()
        return next(running)

    def fetch(number: tf.Tensor) -> tuple[tf.Tensor, ...]:
        tensors = tf.numpy_function(batch, [number], [each.dtype for each in signature])
        for tensor, each in zip(tensors, signature, strict=True):
            tensor.set_shape(each.shape)
        return tuple(tensors)

    return tf.data.Dataset.range(steps).map(fetch)
