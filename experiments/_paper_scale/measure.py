"""One point: a network at a size and batch, warm training steps and forward passes, and the memory of the process.

python -m experiments._paper_scale.measure EXPERIMENT SIZE BATCH: prints JSON. A process of its own, because memory is
told as its peak.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable

from experiments import _steps

REPEATS = 3


def main(words: list[str]) -> None:
    """Measure and print one point: medians, in seconds of the processor and of the clock; gigabytes."""
    name, size, batch = words[0], int(words[1]), int(words[2])
    config = _steps.settings(name, "paper") | {"size": size, "batch_size": batch}
    cpu, wall, forward = 0.0, 0.0, 0.0
    if not config["cache_features"]:  # of a frozen network nothing is trained that is worth measuring
        cpu, wall = _timed(_steps.training(config))
    if config["trainer"] not in (
        "infogan",
        "ali",
    ):  # which have several networks, and little is asked of them
        forward, _ = _timed(_steps.forward(config))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"cpu": cpu, "wall": wall, "forward": forward, "peak": peak / 1e9}))


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    call()  # traces, allocates
    took = []
    for _ in range(REPEATS):
        began = time.process_time(), time.perf_counter()
        call()
        took.append((time.process_time() - began[0], time.perf_counter() - began[1]))
    cpu, wall = (statistics.median(seconds) for seconds in zip(*took, strict=True))
    return cpu, wall


if __name__ == "__main__":
    main(sys.argv[1:])
