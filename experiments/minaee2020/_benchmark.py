"""How much do cached features save? 100 epochs of the last layer, end to end and on features, on the same images.

    python -m experiments.minaee2020._benchmark [architecture] [images] [size] [repeats]

Default: resnet18, 512 images of the phantom at 128 px, 3 repeats; about one minute on one core. Both sides train the
same model on the same batches; an epoch end to end passes every image through the frozen layers again. The factor
counts what caching costs: the features, once, stand on its side.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import numpy as np

from xray_keras.datasets import cache, manifest
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.losses import classification
from xray_keras.models import deep_covid
from xray_keras.training import features, heads, inputs

EPOCHS, BATCH = 100, 20


def main(architecture: str = "resnet18", images: str = "512", size: str = "128", repeats: str = "3") -> None:
    """Measure, and print the medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        data = _population(Path(folder), int(images), int(size))
        model = deep_covid.build(size=int(size), labels=1, weights="random", architecture=architecture)
        config = {
            "model": "deep_covid",
            "model_options": {"architecture": architecture},
            "precision": "float32",
            "augmentation": "none",
            "size": int(size),
            "seed": 0,
            "batch_size": BATCH,
        }
        whole, once, behind = [], [], []
        end_to_end = _end_to_end(model, data, config)
        end_to_end(0)  # traced
        for repeat in range(int(repeats)):
            whole.append(_seconds(partial(end_to_end, 1 + repeat)))
            for path in Path(folder).glob("features-*.npy"):
                path.unlink()
            once.append(_seconds(partial(features.cached, model, Path(folder), data, config)))
            head, array = features.cached(model, Path(folder), data, config)
            behind.append(_seconds(partial(_head, head, array, data, config)))
    epoch, computed, trained = map(statistics.median, (whole, once, behind))
    factor = EPOCHS * epoch / (computed + trained)
    print(f"{architecture}, {images} images at {size} px, medians of {repeats} repeats")
    print(f"end to end: {epoch:.2f} s an epoch, {EPOCHS * epoch:,.0f} s for {EPOCHS}")
    print(f"cached: features once {computed:.2f} s, {EPOCHS} epochs of the last layer {trained:.2f} s")
    print(f"{EPOCHS} epochs, features included: {factor:.0f} times faster")
    print(f"{EPOCHS} more epochs (another seed): {EPOCHS * epoch / trained:.0f} times faster")


def _population(folder: Path, images: int, size: int) -> inputs.RunData:
    source = Phantom(0)
    frame = source.manifest(images, labelled=True)
    array = cache.build(frame, source, size, folder, workers=1, progress=False)
    targets = frame[["Infiltration"]].to_numpy(np.float32)
    part = np.full(len(frame), "train")
    return inputs.RunData(
        frame, np.arange(len(frame)), cache.load(array), targets, part, manifest.fingerprint(frame)
    )


def _compile(model: keras.Model, steps: int) -> None:
    loss = classification.softmax_cross_entropy
    model.compile(optimizer=keras.optimizers.Adam(1e-4), loss=loss, steps_per_execution=steps)


def _end_to_end(model: keras.Model, data: inputs.RunData, config: dict) -> Callable[[int], None]:
    _compile(model, 1)

    def epoch(number: int) -> None:
        batches = inputs.epoch_of(data.images, data.rows, data.targets, config, number)
        model.fit(batches, shuffle=False, verbose=0)

    return epoch


def _head(head: keras.Model, array: np.ndarray, data: inputs.RunData, config: dict) -> None:
    _compile(head, -(-len(data.rows) // BATCH))
    heads.fit(head, array[data.rows], data.targets, config, range(EPOCHS), lambda epoch, loss: False)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(*sys.argv[1:])
