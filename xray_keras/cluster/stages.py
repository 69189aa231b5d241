"""Which of make's stages go to the cluster, and what each of them asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xray_keras import files
from xray_keras.errors import UserError

TENSORFLOW = ("train", "predict", "ood", "explain", "attack", "quality", "privacy", "deidentify")
LIGHT = ("manifest", "cache", "evaluate", "shortcuts")
"""Stages that go to the cluster, but need no accelerator. All others stay: they draw, or measure this very machine."""
FORWARDED = ("XRAY_KERAS_", "TF_", "KERAS_", "XDG_CACHE_HOME")
"""How variables begin that a stage gets from the driver: they may decide numbers, or where weights lie."""
DEVICES = "XRAY_KERAS_DEVICES"  # see `training.devices`, which this must not import
PATIENCE = 120
"""Seconds to wait for a lock: of a node that has gone, a file server gives it up late."""


@dataclass(frozen=True)
class Resources:
    """What a task asks of the cluster; None: by the run's scale, see `needed`.

    Attributes:
        cpus: processors, which is also how many threads TensorFlow gets.
        gpus: a share of one, or several.
        memory: gigabytes.
    """

    cpus: float | None = None
    gpus: float | None = None
    memory: float | None = None

    def __str__(self) -> str:
        gpus = f"{self.gpus:g} GPU, " if self.gpus else ""
        return f"{self.cpus:g} CPU, {gpus}{self.memory:g} GB"


BY_SCALE = {"demo": Resources(1, 0, 2), "paper": Resources(4, 0, 16)}
"""What a stage with TensorFlow asks for where the user does not say."""
_LIGHT = Resources(1, 0, 2)


def goes(words: Sequence[str]) -> bool:
    """Whether a stage, a verb and its arguments, goes to the cluster."""
    return len(words) > 1 and words[0] in TENSORFLOW + LIGHT


def log(words: Sequence[str]) -> Path:
    """Where the words of a stage go: into the folder that it is about; train.log, cache-64.log for images of 64 px."""
    numbers = [word for word in words[2:] if word.isdigit()]
    return Path(words[1]) / f"{'-'.join([words[0], *numbers])}.log"


def needed(words: Sequence[str], asked: Resources) -> Resources:
    """What a stage asks for: `asked`, and where that is silent what its scale is known to need.

    Stages without TensorFlow get one processor and no accelerator: more would lie idle.
    """
    if words[0] in LIGHT:
        return _LIGHT
    config = Path(words[1]) / "config.json"
    scale = files.read_json(config).get("scale") if config.is_file() else "demo"
    stated = {name: value for name, value in vars(asked).items() if value is not None}
    return replace(BY_SCALE.get(scale, BY_SCALE["demo"]), **stated)


def environment(resources: Resources, own: Mapping[str, str]) -> dict[str, str]:
    """Variables for a stage: those of the driver that count, and as many threads as it asked processors."""
    found = {name: value for name, value in own.items() if name.startswith(FORWARDED)}
    threads = str(max(1, int(resources.cpus or 1)))
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        found[name] = threads
    gpus = resources.gpus or 0
    if 0 < gpus < 1:
        found["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"  # or the first of several would take all of its memory
    if gpus > 1 and not found.get(DEVICES):
        found[DEVICES] = str(int(gpus))
    return found | {files.LOCK_WAIT: str(PATIENCE)}


def number(text: str, name: str) -> float | None:
    """What a user said of a resource, NAME=TEXT; None for nothing.

    Raises:
        UserError: it is no number, or a negative one.
    """
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        raise UserError(f"{name}={text} is not a number of zero or more; say {name}=2, for instance")
    return value
