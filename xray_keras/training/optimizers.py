"""The optimizer of a run, and how its learning rate falls."""

from collections.abc import Mapping
from typing import Any

import keras

from xray_keras.errors import UserError

_STEP = 7  # epochs between two steps of the schedule "step", as in the published script of minaee2020


def build(config: Mapping[str, Any], steps: int) -> keras.optimizers.Optimizer:
    """The optimizer of a config, with its learning rate over epochs of `steps` steps.

    Raises:
        UserError: an unknown optimizer or schedule.
    """
    rate, schedule, kind = config["learning_rate"], config["schedule"], config["optimizer"]
    if schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, config["epochs"] * steps)
    elif schedule == "step":
        ends = [end * steps - 1 for end in range(_STEP, config["epochs"], _STEP)]
        rates = [rate / 10**k for k in range(len(ends) + 1)]
        if ends:  # Keras refuses a schedule without a step
            rate = keras.optimizers.schedules.PiecewiseConstantDecay(ends, rates)
    elif schedule != "constant":
        raise UserError(f"schedule {schedule!r} is unknown; choose constant, cosine or step")
    if kind not in ("adam", "sgd"):
        raise UserError(f"optimizer {kind!r} is unknown; choose adam or sgd")
    return keras.optimizers.Adam(rate) if kind == "adam" else keras.optimizers.SGD(rate, momentum=0.9)
