"""One point: a network at a size and batch, a few warm training steps of the suite's own trainer, and its memory.

python -m experiments._paper_scale.measure EXPERIMENT SIZE BATCH BATCHES: prints JSON. A process of its own, because
memory is told as its peak.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xray_keras import experiment
from xray_keras.training import ali, infogan, supervised

ROOT = Path(__file__).parents[2]
REPEATS = 1


def main(words: list[str]) -> None:
    """Measure and print one point."""
    name, size, batch, batches = words[0], *map(int, words[1:])
    call = epoch(name, size, batch, batches)
    call()  # traces, allocates
    took = []
    for _ in range(REPEATS):
        began = time.process_time(), time.perf_counter()
        call()
        took.append((time.process_time() - began[0], time.perf_counter() - began[1]))
    cpu, wall = (float(np.median(seconds)) for seconds in zip(*took, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"cpu": cpu, "wall": wall, "peak": peak / 1e9}))


def epoch(name: str, size: int, batch: int, batches: int) -> Callable[[], object]:
    """A call that trains on so many batches; weights and images are random, which changes no time."""
    found = experiment.load(name, ROOT)
    config = experiment.resolve(found, scale="paper", variant="sound") | {"size": size, "batch_size": batch}
    config["weights"] = "random" if config["weights"] else None
    rng = np.random.default_rng(0)
    channels = 1 if config["trainer"] == "ali" else 3
    x = rng.uniform(0, 255, (batch * batches, size, size, channels)).astype(np.float32)
    y = rng.integers(0, 2, (len(x), len(config["labels"]))).astype(np.float32)
    model = _model(config, batches, len(x))
    return lambda: model.fit(x, y, batch_size=batch, shuffle=False, verbose=0)


def _model(config: Mapping[str, Any], steps: int, images: int) -> keras.Model:
    if config["trainer"] == "infogan":
        return infogan.build_model(config, np.zeros((images, 0), np.float32), steps)
    if config["trainer"] == "ali":
        return ali.build_model(config, steps)
    model = supervised.build_model(config)
    model.compile(optimizer=config["optimizer"], loss=supervised.loss_function(config, 1.0))
    return model


if __name__ == "__main__":
    main(sys.argv[1:])
