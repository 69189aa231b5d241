"""The stage on noise with a bright half for each label, and a classifier of the halves."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from keras import ops

from xray_keras import files
from xray_keras.datasets import cache, manifest
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError
from xray_keras.evaluation import attacks, evaluate

SIZE = 12
LABELS = ["Mass", "Edema"]


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    """Run and population: noise with a bright half for each label, and a classifier of the halves."""
    images = 120
    frame = pd.DataFrame(
        {"image": [f"{i // 2:08d}_{i % 2:03d}.png" for i in range(images)],
         "patient": [str(i // 2) for i in range(images)], "path": "", "follow_up": [i % 2 for i in range(images)],
         "age": 50, "sex": "F", "view": "PA", "official_split": "train_val"}
    )  # fmt: skip
    rng = np.random.default_rng(0)
    for finding in FINDINGS:
        frame[finding] = rng.integers(0, 2, images).astype(np.int8) if finding in LABELS else np.int8(0)

    class Halves:
        def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
            pixels = np.random.default_rng(len(rows)).integers(0, 230, (len(rows), size, size))
            pixels[:, : size // 2] += 15 * rows["Mass"].to_numpy()[:, None, None]
            pixels[:, size // 2 :] += 15 * rows["Edema"].to_numpy()[:, None, None]
            return pixels.astype(np.uint8)

    population, run = tmp_path / "nih-all", tmp_path / "sound" / "gan_notes" / "classifier"
    manifest.write(frame, population / "manifest.csv")
    cache.build(frame, Halves(), SIZE, population, workers=1, progress=False)
    config = {"split": "patient-80-20", "validation": 0.2, "labels": LABELS, "size": SIZE, "seed": 3}
    files.write_json(run / "config.json", config)
    image = keras.Input((SIZE, SIZE, 3))
    pooled = keras.layers.AveragePooling2D((SIZE // 2, SIZE))(image)
    head = keras.layers.Dense(2, "sigmoid")
    model = keras.Model(image, head(keras.layers.Flatten()(pooled)))
    weights = np.kron(np.eye(2), np.full((3, 1), 0.1))
    head.set_weights([weights, np.full(2, -0.3 * 122)])
    model.save(run / "model.keras")
    return run, population


def test_the_stage(place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    run, population = place
    monkeypatch.setattr(attacks, "MOST", 20)
    monkeypatch.setattr(attacks, "SHOWN", 20)
    attacks.write(run, population)
    found = pd.read_parquet(run / "attacks.parquet").set_index(["attack", "epsilon"])
    assert len(found) == 3 * len(attacks.EPSILONS) and set(found["images"]) == {20}

    from xray_keras.training import inputs

    data = inputs.open_data(population, files.read_json(run / "config.json"))
    held, tuning = data.part("test"), data.part("validation")
    chosen = held[np.linspace(0, len(held) - 1, 20).round().astype(int)]
    model = keras.saving.load_model(run / "model.keras")
    parts = []
    for name, rows in (("test", chosen), ("validation", tuning)):
        p = model.predict(inputs.in_order(data.images, data.rows[rows], 32), verbose=0)
        columns = {f"{kind}_{label}": values[:, k] for kind, values in (("y", data.targets[rows]), ("p", p))
                   for k, label in enumerate(LABELS)}  # fmt: skip
        parts.append(data.frame.iloc[rows][["image", "patient"]].assign(split=name, **columns))
    clean = evaluate.evaluate(pd.concat(parts))
    accuracy = clean["mean"]["operating_points"]["youden"]["accuracy"]["value"]
    thresholds = [clean["labels"][label]["operating_points"]["youden"]["threshold"] for label in LABELS]
    assert accuracy != clean["mean"]["operating_points"]["default"]["accuracy"]["value"]
    for attack in ("fgsm", "pgd", "noise"):
        row = found.loc[attack, 0.0]
        assert row["auc"] == clean["mean"]["auc"]["value"] and row["flips"] == 0
        assert (row["auc_low"], row["auc_high"]) == tuple(clean["mean"]["auc"]["interval"])
        assert row["accuracy"] == pytest.approx(accuracy, abs=1e-12)
    assert found.loc["noise", 8.0]["auc"] > 0.8
    for attack in ("fgsm", "pgd"):
        assert found.loc[attack, 8.0]["auc"] < 0.5 < found.loc[attack, 0.5]["auc"]
        assert found.loc[attack, 8.0]["accuracy"] < accuracy - 0.2 and found.loc[attack, 8.0]["flips"] > 0.2
    with np.load(run / "attacks.npz") as arrays:
        example = dict(arrays)
    original, attacked = example["original"], example["attacked"]
    assert original.shape[1:] == (SIZE, SIZE) and original.dtype == np.uint8
    np.testing.assert_array_equal(example["perturbation"], attacked - original)
    assert np.abs(example["perturbation"]).max() <= float(example["epsilon"]) == attacks.SHOWN_AT
    known = {name[:8] for name in example["image"]}
    assert len(original) == len(known) < 20
    right = np.concatenate(
        [parts[0][f"y_{k}"] == (parts[0][f"p_{k}"] > t) for k, t in zip(LABELS, thresholds, strict=True)]
    )
    assert known == {name[:8] for name in np.tile(parts[0]["image"], 2)[right]}
    for k, label in enumerate(example["label"]):
        column = LABELS.index(str(label))
        position = int(np.flatnonzero(data.frame["image"] == example["image"][k])[0])
        np.testing.assert_array_equal(original[k], data.images[data.rows[position]])
        assert example["truth"][k] == data.targets[position, column]
        for name, given in (("before", original[k]), ("after", attacked[k])):
            answer = ops.convert_to_numpy(model(np.repeat(given[None, ..., None], 3, -1).astype(np.float32)))
            assert example[name][k] == pytest.approx(answer[0, column], abs=1e-5)
        assert example["threshold"][k] == thresholds[column]
        assert (example["before"][k] > thresholds[column]) == (example["truth"][k] == 1)
    change = np.abs(example["after"] - example["before"])
    assert (np.diff(change) <= 0).all() and change[0] > 0.2


def test_a_run_without_labels_is_no_classifier(place: tuple[Path, Path]) -> None:
    run, population = place
    files.write_json(run / "config.json", {**files.read_json(run / "config.json"), "labels": []})
    with pytest.raises(UserError, match="predicts no label"):
        attacks.write(run, population)
