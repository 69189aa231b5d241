"""What tells pictures with text from pictures without, other than the text?

Where the two are from different collections, a network may learn the collection: how large and how upright its pictures
are, their colours, how finely they were stored. Classifiers that cannot read are trained on the network's own training
pictures and asked its test pictures; and the network is asked once more where such hints are of no use.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from xray_keras import files
from xray_keras.datasets import splits
from xray_keras.datasets.manifest import TEXT
from xray_keras.datasets.scenes import cached as cached_scenes
from xray_keras.errors import UserError
from xray_keras.evaluation import intervals, matched_pairs, metrics, predictions, unread
from xray_keras.evaluation.metrics import Cell, cell
from xray_keras.evaluation.unread import ORIGIN, SETS

WHOLE, LANDSCAPE, LIKE_PICTURES, LIKE_ORIGIN = "all", "landscape", "like pictures", "like surroundings"
SHAPE, SOURCE = "shape: ", "source: "


def write(run: Path, population: Path) -> None:
    """Write `<run>/shortcuts.json`.

    - `pictures`: part → with and without text; `shapes`: the same of landscape, upright and square pictures and
      `sources`: of each source, all parts together; `outlined`: pictures with text that have an outline.
    - `network`: its AUC, a `Cell`.
    - `sets`: one of `unread.SETS` → `columns`, `classifier` (of two the better one on the validation pictures) with its
      `validation` AUC, `auc`, a `Cell`, `difference` of the network's and this AUC with `interval` and `p` (paired,
      DeLong), and `correlation` of the two scores inside a class (Spearman): "with", "without" → value and interval.
    - `groups`: test pictures among which a hint is of no use (of the aspects the one that both kinds share most) →
      `positives`, `negatives`, AUC of the `network` and of the `surroundings`, a `Cell` each.

    Args:
        run: config.json and predictions.parquet of a network of regions.
        population: folder with the manifest and the cache it was trained on.

    Raises:
        UserError: one of them is absent, or the predictions are of other pictures.
    """
    config = files.read_json(run / "config.json")
    data = cached_scenes.open_cached(population, config["size"])
    parts = splits.assign(
        data.frame,
        config["split"],
        validation=config["validation"],
        share=config.get("share", 1.0),
        seed=config["model_options"]["pictures_seed"],
    ).to_numpy(str)
    test = np.flatnonzero(parts == "test")
    score = _network(run / "predictions.parquet", data.frame.iloc[test])
    measured = unread.measure(data, parts)
    truth = data.frame[TEXT].to_numpy()
    scores, sets = {}, {}
    for name, columns in SETS.items():
        x = np.concatenate([measured[column] for column in columns], axis=1)
        found, facts = unread.learn(x, truth, parts)
        scores[name] = found[test]
        sets[name] = {"columns": x.shape[1], **facts, **_beside(truth[test], score, scores[name])}
    groups = _groups(data.frame.iloc[test], {name: values[test] for name, values in measured.items()}, scores)
    answers = {name: _group(truth[test], score, scores[ORIGIN], *chosen) for name, chosen in groups.items()}
    facts = {**_counts(data.frame, parts), "network": _auc(truth[test], score)}
    files.write_json(run / "shortcuts.json", {**facts, "sets": sets, "groups": answers})
    print(
        f"{run.name}: AUC {_said(facts['network'])}, of what surrounds the text {_said(sets[ORIGIN]['auc'])}"
    )


def _network(path: Path, test: pd.DataFrame) -> np.ndarray:
    """The network's scores of the test pictures, in their order."""
    found = predictions.rows(predictions.read(path), "test").set_index("image")
    if (
        set(found.index) != set(test["image"])
        or (found.loc[test["image"], f"y_{TEXT}"].to_numpy() != test[TEXT].to_numpy()).any()
    ):
        raise UserError(f"{path} is of other test pictures than the run's population; predict again")
    return found.loc[test["image"], f"p_{TEXT}"].to_numpy(np.float64)


def _auc(truth: np.ndarray, score: np.ndarray, clusters: np.ndarray | None = None) -> Cell:
    reason = metrics.one_class(truth, "test")
    if reason:
        return cell(None, reason=reason)
    area = intervals.auc(truth, score, np.arange(len(truth)) if clusters is None else clusters)
    return cell(area.value, area.interval, area.method)


def _beside(truth: np.ndarray, network: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    """A classifier's AUC, and the network's score beside its own."""
    facts: dict[str, Any] = {"auc": _auc(truth, score), "difference": None}
    if facts["auc"]["value"] is not None:
        gained = intervals.auc_difference(truth, network, score, np.arange(len(truth)))
        known = not np.isnan(gained.p)
        facts["difference"] = {
            "value": gained.value,
            "interval": list(gained.interval) if known else None,
            "p": gained.p if known else None,
        }
    kinds = {"with": truth == 1, "without": truth != 1}
    facts["correlation"] = {
        name: _rank_correlation(network[kind], score[kind]) for name, kind in kinds.items()
    }
    return facts


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> dict[str, Any]:
    """Spearman's ρ with the interval of Bonett & Wright (2000, Psychometrika 65:23)."""
    if len(one) < 5 or not np.ptp(one) or not np.ptp(other):
        return {"value": None, "interval": None, "pictures": len(one)}
    value = float(np.clip(stats.spearmanr(one, other).statistic, -1, 1))
    inner = np.clip(value, -1 + 1e-9, 1 - 1e-9)
    half = intervals.Z * np.sqrt((1 + value**2 / 2) / (len(one) - 3))
    ends = [float(np.tanh(np.arctanh(inner) + sign * half)) for sign in (-1, 1)]
    return {"value": value, "interval": ends, "pictures": len(one)}


def _groups(
    test: pd.DataFrame, measured: Mapping[str, np.ndarray], scores: Mapping[str, np.ndarray]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Positions of test pictures, and their clusters: a pair is one."""
    truth = test[TEXT].to_numpy()
    chosen = {WHOLE: np.arange(len(test)), LANDSCAPE: np.flatnonzero(test["width"] > test["height"])}
    shared = pd.crosstab(measured["aspect"][:, 0], truth).reindex(columns=[0, 1], fill_value=0).min(axis=1)
    if shared.max() and len(shared) > 1:
        most = shared.index.to_numpy(np.float64)[shared.argmax()]
        chosen[f"{SHAPE}{np.exp(most):.2f}"] = np.flatnonzero(measured["aspect"][:, 0] == most)
    for name, kinds in test.groupby("source")[TEXT]:
        if kinds.nunique() == 2 and len(kinds) < len(test):
            chosen[f"{SOURCE}{name}"] = np.flatnonzero(test["source"] == name)
    groups = {name: (positions, np.arange(len(positions))) for name, positions in chosen.items()}
    for name, pairs in (
        (
            LIKE_PICTURES,
            matched_pairs.like_pictures(truth, measured["aspect"][:, 0], measured["fineness around"][:, 0]),
        ),
        (LIKE_ORIGIN, matched_pairs.like_scores(truth, scores[ORIGIN])),
    ):
        groups[name] = (pairs.ravel(), np.repeat(np.arange(len(pairs)), 2))
    return groups


def _group(
    truth: np.ndarray, network: np.ndarray, origin: np.ndarray, positions: np.ndarray, clusters: np.ndarray
) -> dict[str, Any]:
    kinds = truth[positions]
    return {
        "positives": int((kinds == 1).sum()),
        "negatives": int((kinds != 1).sum()),
        "network": _auc(kinds, network[positions], clusters),
        ORIGIN: _auc(kinds, origin[positions], clusters),
    }


def _counts(frame: pd.DataFrame, parts: np.ndarray) -> dict[str, Any]:
    def both(rows: np.ndarray) -> dict[str, int]:
        kinds = frame[TEXT].to_numpy()[rows]
        return {"with": int((kinds == 1).sum()), "without": int((kinds != 1).sum())}

    used = np.isin(parts, splits.PARTS)
    wider = np.sign(frame["width"].to_numpy() - frame["height"].to_numpy())
    shapes = {"landscape": 1, "upright": -1, "square": 0}
    return {
        "pictures": {part: both(parts == part) for part in splits.PARTS},
        "shapes": {name: both(used & (wider == sign)) for name, sign in shapes.items()},
        "sources": {
            str(name): both(used & (frame["source"] == name).to_numpy())
            for name in sorted(set(frame["source"]))
        },
        "outlined": int((used & (frame["outlines"] != "")).sum()),
    }


def _said(area: Cell) -> str:
    return "–" if area["value"] is None else f"{area['value']:.3f}"
