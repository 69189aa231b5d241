"""The optimizer of a run, and how its learning rate falls."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from xray_keras.errors import UserError

_STEP = 7  # epochs between two steps of the schedule "step", as in the published script of minaee2020


def build(
    config: Mapping[str, Any], steps: int, variables: Sequence[keras.Variable]
) -> keras.optimizers.Optimizer:
    """The optimizer of a config, with its learning rate over epochs of `steps` steps.

    Its own variables are there at once: where a first step makes them, TensorFlow traces that step twice.

    Args:
        config: `optimizer`, `learning_rate`, `schedule`, `epochs`.
        steps: of an epoch.
        variables: that it trains.

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
    elif schedule != "constant" and schedule not in _PLATEAUS:
        known = ", ".join(_PLATEAUS)
        raise UserError(f"schedule {schedule!r} is unknown; choose constant, cosine, step, {known}")
    if kind not in ("adam", "sgd"):
        raise UserError(f"optimizer {kind!r} is unknown; choose adam or sgd")
    built = keras.optimizers.Adam(rate) if kind == "adam" else keras.optimizers.SGD(rate, momentum=0.9)
    built.build(variables)
    return built


def of_pair(config: Mapping[str, Any], shares: Mapping[str, float], steps: int) -> dict[str, Any]:
    """Learning rates of the two sides of an adversarial pair, numbers or schedules over epochs of `steps` steps.

    Args:
        config: `learning_rate`, `schedule`, `epochs`.
        shares: side → its rate over `learning_rate`.

    Raises:
        UserError: a schedule that is neither constant nor cosine.
    """
    rates: dict[str, Any] = {side: config["learning_rate"] * share for side, share in shares.items()}
    if config["schedule"] == "constant":
        return rates
    if config["schedule"] != "cosine":
        raise UserError(
            f"adversarial training has no schedule {config['schedule']!r}; choose constant or cosine"
        )
    decay = keras.optimizers.schedules.CosineDecay
    return {side: decay(rate, config["epochs"] * steps) for side, rate in rates.items()}


# Schedule → what must improve, and whether upwards.
_PLATEAUS = {"plateau": ("val_auc", 1), "loss-plateau": ("loss", -1)}


def adjust(
    optimizer: keras.optimizers.Optimizer, config: Mapping[str, Any], history: Sequence[Mapping[str, float]]
) -> None:
    """Set the learning rate of the next epoch where it depends on those before: "plateau" and "loss-plateau".

    A tenth of it after each epoch that is no better than the best before it. "plateau" looks at the validation AUC, as
    CheXNet (Rajpurkar et al. 2017, section 2.2) decays it, for accuracy hardly moves where findings are rare;
    "loss-plateau" at the training loss (zhao2019 IV.B).

    Args:
        optimizer: of `build`.
        config: the run's resolved settings.
        history: one mapping a completed epoch, with "val_auc" or "loss".
    """
    if config["schedule"] not in _PLATEAUS:
        return
    name, sign = _PLATEAUS[config["schedule"]]
    best, plateaus = -math.inf, 0
    for epoch in history:
        plateaus += sign * epoch[name] <= best
        best = max(best, sign * epoch[name])
    optimizer.learning_rate.assign(config["learning_rate"] / 10**plateaus)
