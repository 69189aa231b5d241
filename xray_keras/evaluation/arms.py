"""How good is each arm of a run, and what does it add to another? Means over seeds, paired over patients and seeds.

An arm is a training set (see `training.arms`), and its networks differ by their seed alone. Each is cut at 0.5 and at
its own threshold of highest F1 on the validation images. Intervals and p come from resamples of whole patients, in
which all arms and seeds are resampled alike: they hold for these networks on other patients. What another seed would
have changed is in the standard deviation over seeds beside them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from xray_keras.errors import UserError
from xray_keras.evaluation import bootstrap, intervals, predictions
from xray_keras.evaluation.arm_measures import PATHS, SOURCE, Arms, Measured, measure, over_labels, prepare
from xray_keras.evaluation.comparisons import by_bootstrap, holm
from xray_keras.evaluation.metrics import Cell, cell


def evaluate(
    frame: pd.DataFrame,
    *,
    pairs: Sequence[tuple[str, str]] = (),
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Every metric of every arm, and the differences of some of them.

    Args:
        frame: `arms.parquet` of a run: columns `arm`, `seed`, `image`, `patient`, `split`, ``y_<label>`` and
            ``p_<label>`` of each label.
        pairs: arms to compare, (arm, reference) each, see `difference`.
        resamples: patient-clustered bootstrap resamples, at least 1.
        seed: of the bootstrap; the order of the rows does not matter.

    Returns:
        a dictionary without NaN, ready for JSON. A cell is a `metrics.Cell`, of the mean over seeds, with "sd", their
        standard deviation (n − 1), None with one seed; "mean" averages the labels that have the metric and names them
        under "labels"::

            {"confidence": 0.95, "resamples": B, "seed": s, "images": in test, "patients": in test,
             "positives": {label: in test},
             "arms": {arm: {"seeds": [seed, …],
                            "labels": {label: {path of `PATHS`: cell}}, "mean": {path: cell}}},
             "differences": [`difference` of each pair]}

    Raises:
        UserError: see `arm_measures.split`; a pair of an unknown arm, or of arms with different seeds; `resamples` < 1.
    """
    arms = prepare(frame, resamples, seed)
    for pair in pairs:
        _check_pair(arms, *pair)
    measured = {arm: measure(arms, arm) for arm in arms.frames}
    test = arms.test
    return {
        "confidence": intervals.LEVEL,
        "resamples": resamples,
        "seed": seed,
        "images": len(test),
        "patients": int(test["patient"].nunique()),
        "positives": {label: int(test[f"y_{label}"].sum()) for label in predictions.labels(test)},
        "arms": {
            arm: {
                "seeds": list(arms.frames[arm]),
                "labels": {
                    label: {path: _cell(metric) for path, metric in metrics.items()}
                    for label, metrics in labels.items()
                },
                "mean": {path: _mean_cell(labels, path) for path in PATHS},
            }
            for arm, labels in measured.items()
        },
        "differences": [_difference(measured, *pair) for pair in pairs],
    }


def difference(
    frame: pd.DataFrame, arm: str, reference: str, *, resamples: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """What `arm` adds to `reference`: differences of means over seeds, on the same patients and with the same seeds.

    Args: as of `evaluate`.

    Returns:
        a dictionary without NaN, ready for JSON. A difference is one of `comparisons.compare`, "a" the arm and "b" the
        reference, by bootstrap; for a label it has "p_holm", p after Holm's correction over the labels, for the mean
        "labels", those that it averages::

            {"arm": name, "reference": name, "labels": {label: {path of `PATHS`: difference}}, "mean": {path: …}}

    Raises: as `evaluate`.
    """
    arms = prepare(frame, resamples, seed)
    _check_pair(arms, arm, reference)
    return _difference({name: measure(arms, name) for name in (arm, reference)}, arm, reference)


def _check_pair(arms: Arms, arm: str, reference: str) -> None:
    for name in (arm, reference):
        if name not in arms.frames:
            raise UserError(f"{SOURCE} have no arm {name!r}; the arms are {', '.join(arms.frames)}")
    if set(arms.frames[arm]) != set(arms.frames[reference]):
        raise UserError(
            f"arms {arm!r} and {reference!r} were trained with different seeds; train both with the same"
        )


def _cell(measured: Measured) -> dict[str, Any]:
    if not len(measured.values):
        return {**cell(None, reason=measured.reason), "sd": None}
    interval, reason = bootstrap.interval(measured.samples)
    spread = float(measured.values.std(ddof=1)) if len(measured.values) > 1 else None
    return {**cell(measured.values.mean(), interval, "bootstrap", reason), "sd": spread}


def _mean_cell(labels: Mapping[str, Mapping[str, Measured]], path: str) -> dict[str, Any]:
    measured, names = over_labels(labels, path)
    return {**_cell(measured), "labels": names}


def _difference(
    measured: Mapping[str, Mapping[str, Mapping[str, Measured]]], arm: str, reference: str
) -> dict[str, Any]:
    ours, theirs = measured[arm], measured[reference]
    labels = {
        label: {path: _compared(ours[label][path], theirs[label][path]) for path in PATHS} for label in ours
    }
    for path in PATHS:
        corrected = holm([entry[path]["p"] for entry in labels.values()])
        for entry, p in zip(labels.values(), corrected, strict=True):
            entry[path]["p_holm"] = p
    means = {}
    for path in PATHS:
        (one, names), (other, _) = over_labels(ours, path), over_labels(theirs, path)
        means[path] = {**_compared(one, other), "labels": names}
    return {"arm": arm, "reference": reference, "labels": labels, "mean": means}


def _compared(ours: Measured, theirs: Measured) -> dict[str, Any]:
    return by_bootstrap(_plain(ours), _plain(theirs), ours.samples - theirs.samples)


def _plain(measured: Measured) -> Cell:
    return cell(measured.values.mean() if len(measured.values) else None, reason=measured.reason)
