"""Everything right of the predictions: metrics with intervals, and a table rendered from a file."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import metrics as sklearn_metrics

from experiments._bench.lines import Line
from xray_keras.datasets.findings import FINDINGS
from xray_keras.evaluation import evaluate
from xray_keras.reporting import score

IMAGES, RESAMPLES = 2000, 100


def lines(folder: Path) -> Iterator[Line]:
    """The bootstrap of every metric, and `xray-keras score`, each beside what one would write with scikit-learn."""
    frame = _predictions()
    path = folder / "predictions.parquet"
    frame.to_parquet(path)
    yield Line(
        f"intervals of 14 findings, {IMAGES:,} images, {RESAMPLES} bootstrap resamples by patient",
        "resamples",
        RESAMPLES,
        {
            "xray_keras": lambda: evaluate.evaluate(frame, resamples=RESAMPLES),
            "a loop over scikit-learn": lambda: _bootstrap(frame),
        },
        rounds=3,
        remark="Ours has every metric at three thresholds; the loop has AUC and average precision alone.",
    )
    yield Line(
        f"a table of 14 findings from {IMAGES:,} predictions in a file",
        "",
        1,
        {
            "xray-keras score, with intervals of 1,000 resamples": lambda: score.score(
                path, "ali2019", "table2", "PretrainedVGG16", folder / "table"
            ),
            "scikit-learn and pandas, without intervals": lambda: _plain(path, folder / "plain.csv"),
        },
        rounds=3,
    )


def _predictions() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    columns: dict[str, object] = {
        "image": [f"{number:05}.png" for number in range(IMAGES)],
        "patient": [f"{number // 3:05}" for number in range(IMAGES)],
        "split": ["test" if number >= IMAGES // 10 else "validation" for number in range(IMAGES)],
    }
    for finding in FINDINGS:
        truth = (rng.uniform(size=IMAGES) < 0.1).astype(int)
        columns[f"y_{finding}"] = truth
        columns[f"p_{finding}"] = 0.7 * rng.uniform(size=IMAGES) + 0.3 * truth * rng.uniform(size=IMAGES)
    return pd.DataFrame(columns)


def _bootstrap(frame: pd.DataFrame) -> pd.DataFrame:
    test = frame[frame["split"] == "test"]
    rows = {patient: group.index.to_numpy() for patient, group in test.groupby("patient")}
    patients = np.array(list(rows))
    rng = np.random.default_rng(0)
    found = []
    for _ in range(RESAMPLES):
        drawn = test.loc[np.concatenate([rows[patient] for patient in rng.choice(patients, len(patients))])]
        found.append(
            {
                (finding, measure.__name__): measure(drawn[f"y_{finding}"], drawn[f"p_{finding}"])
                for finding in FINDINGS
                for measure in (sklearn_metrics.roc_auc_score, sklearn_metrics.average_precision_score)
            }
        )
    return pd.DataFrame(found).quantile([0.025, 0.975])


def _plain(path: Path, output: Path) -> None:
    frame = pd.read_parquet(path)
    rows = []
    for finding in FINDINGS:
        y, p = frame[f"y_{finding}"], frame[f"p_{finding}"]
        rows.append(
            [
                finding,
                sklearn_metrics.roc_auc_score(y, p),
                sklearn_metrics.accuracy_score(y, p > 0.5),
                sklearn_metrics.recall_score(y, p > 0.5, zero_division=0),
                sklearn_metrics.precision_score(y, p > 0.5, zero_division=0),
                sklearn_metrics.f1_score(y, p > 0.5, zero_division=0),
            ]
        )
    pd.DataFrame(rows).to_csv(output)
