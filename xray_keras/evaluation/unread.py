"""Classifiers that cannot read: what they see of pictures with and without text, and what they make of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from xray_keras.datasets import outlines, splits
from xray_keras.datasets.manifest import TEXT
from xray_keras.datasets.outlines import Outline
from xray_keras.datasets.scenes.cached import CachedScenes
from xray_keras.evaluation import picture_statistics

ORIGIN, PIXELS = "surroundings", "surrounding pixels"
_SEEN = ("colour", "fineness", "thumbnail")
SETS: Mapping[str, tuple[str, ...]] = {
    "aspect": ("aspect",),
    "shape": ("aspect", "size"),
    **{name: (name,) for name in _SEEN},
    "all": ("aspect", "size", *_SEEN),
    PIXELS: tuple(f"{name} around" for name in _SEEN),
    ORIGIN: ("aspect", "size", *(f"{name} around" for name in _SEEN)),
}
"""What each classifier sees. A network sees the aspect, but not the size; "surroundings" are all but the text:
its pixels are left out, and of a picture without text those where another picture has some."""
_SEED = 0


def measure(data: CachedScenes, parts: np.ndarray) -> dict[str, np.ndarray]:
    """What the classifiers may see of each picture.

    Args:
        data: pictures.
        parts: of each, str (N,), see `splits.assign`; what no part uses is not looked at.

    Returns:
        "aspect", logarithm of width over height as cached; "size", logarithms of width and height of the original; and
        the statistics of `picture_statistics`, also with " around" behind their names, where the text is left out:
        float64 (N, columns) each.
    """
    full = data.frame[["width", "height"]].to_numpy(np.float64)
    seen = np.array([data.shape(position)[::-1] for position in range(len(full))], np.float64)
    measured = {"aspect": np.log(seen[:, :1] / seen[:, 1:]), "size": np.log(full)}
    around = _around(data, parts)
    for position in np.flatnonzero(np.isin(parts, splits.PARTS)).tolist():
        picture = data.picture(position)
        height, width, _ = picture.shape
        hidden = picture_statistics.covered(around[position], width, height)
        for suffix, mask in (("", None), (" around", hidden)):
            for name, values in picture_statistics.statistics(picture, mask).items():
                rows = measured.setdefault(name + suffix, np.zeros((len(full), len(values))))
                rows[position] = values
    return measured


def _around(data: CachedScenes, parts: np.ndarray) -> dict[int, list[Outline]]:
    """Where the statistics of surroundings leave pixels out: a text, or, of a picture without, where one of its part
    has its text, so that as much is left out of both kinds and in the same places."""
    text = data.frame[TEXT].to_numpy() == 1
    found: dict[int, list[Outline]] = {}
    for part in splits.PARTS:
        givers = np.random.default_rng(_SEED).permutation(np.flatnonzero(text & (parts == part))).tolist()
        found |= {giver: data.text(giver) for giver in givers}
        for number, taker in enumerate(np.flatnonzero(~text & (parts == part)).tolist()):
            found[taker] = []
            if givers:
                giver = givers[number % len(givers)]
                (height, width), (own_height, own_width) = data.shape(taker), data.shape(giver)
                scale = outlines.scaling(width / own_width, height / own_height)
                found[taker] = outlines.transformed(found[giver], scale)
    return found


def learn(x: np.ndarray, truth: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """Learn from the training part by two classifiers, of which the better one on the validation part counts.

    Args:
        x: what is seen, float (N, columns).
        truth: 0 or 1 (N,); the training part has both.
        parts: str (N,).

    Returns:
        log-odds of all pictures (N,), and `classifier` and its `validation` AUC (None without both classes there).
    """
    classifiers = {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000)),
        "boosted trees": HistGradientBoostingClassifier(
            learning_rate=0.05, max_leaf_nodes=8, early_stopping=False, random_state=_SEED
        ),
    }
    learnt, tuned = parts == "train", parts == "validation"
    found = {}
    for name, classifier in classifiers.items():
        scores = classifier.fit(x[learnt], truth[learnt]).decision_function(x)
        both = len(set(truth[tuned])) > 1
        found[name] = (float(roc_auc_score(truth[tuned], scores[tuned])) if both else None, scores)
    best = max(found, key=lambda name: found[name][0] or 0.0)
    return found[best][1], {"classifier": best, "validation": found[best][0]}
