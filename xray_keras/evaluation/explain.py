"""Explain a classifier's held-out predictions, and score the explanations where it is known where the finding is."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xray_keras import files, npz
from xray_keras.datasets import populations, regions
from xray_keras.datasets.decoding import Source
from xray_keras.evaluation import localisation
from xray_keras.evaluation.explainer import BATCH, REPEATS, Explainer
from xray_keras.models import saved
from xray_keras.training import environment, inputs

SUBJECT = "Cardiomegaly"  # of Figure 8
EXAMPLES = 3
MOST = {"demo": 24, "paper": 200}  # images a finding, by scale; NIH has boxes on fewer than 200
COLUMNS = ("image", "patient", "split", "finding", "method", *localisation.Scores._fields)


def write(run: Path, population: Path) -> None:
    """Write `<run>/explanation_examples.npz`, `explanations.json` and `explanations.parquet`.

    Scored are validation and test images in which a finding is labelled and outlined (see `regions`): at most `MOST`
    of each finding, in the order of a hash of the image's name. explanations.parquet has a row an image × finding ×
    method, columns `COLUMNS`. Methods: "saliency", "cam" and "grad_cam" of the finding, "saliency_all" and "cam_all"
    of all outputs at once, and two baselines that see no image: "centre", a blob in the middle, and "prior", the mean
    region of the finding in at most as many training images, where there are any. Without a region the table is empty.

    explanations.json: `reason` why the table is empty, or None; `most`; `variant` of saliency_all; `map_side`, cells
    along a class activation map; `seconds`: for one image, medians of `repeats` runs of "prediction" (class
    activation maps included), of the gradient of "one" output and of "all".

    explanation_examples.npz: `finding`, Cardiomegaly or, where no chosen image has it, the finding with most images;
    of its images the `EXAMPLES` with the highest probability, no two of one patient: `images` uint8 (E, S, S),
    `names`, `probabilities`, the five maps float32 (E, S, S), and `truth` bool, all False where it is unknown.

    Args:
        run: a trained classifier: config.json and model.keras.
        population: folder with the manifest and the image cache it was trained on.

    Raises:
        UserError: the model is absent or damaged or no classifier, or the population has changed since.
    """
    config = files.read_json(run / "config.json")
    data = inputs.open_data(population, config)
    source = populations.source(files.read_json(population / "population.json"))
    environment.prepare(config["seed"])
    explainer = Explainer(saved.load(run / "model.keras"), data, config)
    most = MOST[config["scale"]]
    held = data.part("validation", "test")
    chosen = _outlined(source, data, held, config["labels"], most)
    learnt = _outlined(source, data, data.part("train"), sorted(set(chosen["finding"])), most)
    prior = {str(name): _mean_mask(source, data, pairs) for name, pairs in learnt.groupby("finding")}
    lines: list[dict[str, Any]] = []
    for part, masks in _with_masks(source, data, chosen):
        lines += _scored(data, part, explainer.maps(part)[1], prior, masks)
    reason = regions.absent(source) or (None if lines else "no held-out image has an outlined finding")
    pairs = chosen if len(chosen) else _labelled(data, held, config["labels"], most)
    examples = _examples(explainer, source, data, pairs, bool(len(chosen)))
    npz.write(run / "explanation_examples.npz", examples)
    facts = {"reason": reason, "most": most, "variant": explainer.variant, "repeats": REPEATS}
    files.write_json(run / "explanations.json", {**facts, **explainer.measured(int(held[0]))})
    with files.publish(run / "explanations.parquet") as temporary:
        pd.DataFrame(lines, columns=list(COLUMNS)).to_parquet(temporary, index=False)
    print(f"{run.name}: {len(chosen):,} outlined findings explained" + (f" ({reason})" if reason else ""))


def _outlined(
    source: Source, data: inputs.RunData, rows: np.ndarray, labels: Sequence[str], most: int
) -> pd.DataFrame:
    """Pairs of findings that have a region, among `rows` of the data, at most so many a finding; ordered by row."""
    found = regions.outlined(source, data.frame.iloc[rows], labels)
    return _first(data, found.assign(row=rows[found["row"]]), most)


def _labelled(data: inputs.RunData, rows: np.ndarray, labels: Sequence[str], most: int) -> pd.DataFrame:
    """The same of findings that are labelled."""
    row, column = np.nonzero(data.targets[rows] == 1)
    return _first(data, pd.DataFrame({"row": rows[row], "finding": np.array(labels, object)[column]}), most)


def _first(data: inputs.RunData, pairs: pd.DataFrame, most: int) -> pd.DataFrame:
    names = data.frame["image"].iloc[pairs["row"]]
    ranks = [hashlib.sha256(f"explain/{name}".encode()).hexdigest() for name in names]
    ordered = pairs.assign(rank=ranks).sort_values("rank")
    kept = ordered[ordered.groupby("finding").cumcount() < most]
    return kept.sort_values(["row", "finding"]).drop(columns="rank").reset_index(drop=True)


def _with_masks(
    source: Source, data: inputs.RunData, pairs: pd.DataFrame
) -> Iterator[tuple[pd.DataFrame, np.ndarray]]:
    """Batch by batch, the pairs and their regions (B, S, S)."""
    for start in range(0, len(pairs), BATCH):
        part = pairs.iloc[start : start + BATCH]
        yield part, _masks(source, data, part)


def _masks(source: Source, data: inputs.RunData, pairs: pd.DataFrame) -> np.ndarray:
    return regions.masks(source, data.frame.iloc[pairs["row"]], list(pairs["finding"]), data.images.shape[1])


def _mean_mask(source: Source, data: inputs.RunData, pairs: pd.DataFrame) -> np.ndarray:
    sums = [masks.sum(axis=0) for _, masks in _with_masks(source, data, pairs)]
    return np.sum(sums, axis=0) / len(pairs)


def _scored(
    data: inputs.RunData,
    pairs: pd.DataFrame,
    maps: Mapping[str, np.ndarray],
    prior: Mapping[str, np.ndarray],
    masks: np.ndarray,
) -> Iterator[dict[str, Any]]:
    """Rows of explanations.parquet; a finding that is too faint to have a region has none."""
    blob = localisation.centre(masks.shape[1])
    for k, (row, finding) in enumerate(pairs[["row", "finding"]].itertuples(index=False)):
        if not masks[k].any():
            continue
        image = data.frame.iloc[row]
        distance = localisation.distance(masks[k])
        where = {"image": image["image"], "patient": image["patient"], "split": data.split[row]}
        baselines = {"centre": blob, **({"prior": prior[finding]} if finding in prior else {})}
        for method, values in ({name: found[k] for name, found in maps.items()} | baselines).items():
            yield {
                **where,
                "finding": finding,
                "method": method,
                **localisation.score(values, distance)._asdict(),
            }


def _examples(
    explainer: Explainer, source: Source, data: inputs.RunData, pairs: pd.DataFrame, outlined: bool
) -> dict[str, Any]:
    """The arrays of explanation_examples.npz."""
    counts = pairs["finding"].value_counts()
    finding = SUBJECT if SUBJECT in counts else counts.index[0] if len(counts) else ""
    pairs = pairs[pairs["finding"] == finding]
    size = data.images.shape[1]
    if pairs.empty:
        return {"finding": "", "images": np.empty((0, size, size), np.uint8)}
    ranked = pairs.iloc[np.argsort(-explainer.probabilities(pairs), kind="stable")]
    patients = data.frame["patient"].iloc[ranked["row"]].to_numpy()
    best = ranked[~pd.Series(patients).duplicated().to_numpy()].head(EXAMPLES)
    probabilities, maps = explainer.maps(best)
    return {
        "finding": finding,
        "images": data.images[data.rows[best["row"]]],
        "names": data.frame["image"].iloc[best["row"]].to_numpy(str),
        "probabilities": probabilities,
        "truth": _masks(source, data, best) if outlined else np.zeros((len(best), size, size), bool),
        **maps,
    }
