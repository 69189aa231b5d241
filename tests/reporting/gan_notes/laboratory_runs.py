"""The laboratory's runs as training and the stages leave them, with numbers made up so that the page can be checked."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from experiments.gan_notes._laboratory import (
    BALANCED,
    LABELS,
    OVERTRAINED,
    SHARES,
    SHARES_GENERATED,
    SHOWN,
    SIMPLE,
)
from tests.reporting.ali2019.gan_runs import distances, measured
from tests.reporting.conftest import environment
from xray_keras import files
from xray_keras.evaluation import points
from xray_keras.evaluation.metrics import cell
from xray_keras.reporting import runs

SIZE, IMAGES, TEST = 32, 160, 100
REAL = {"all": 480, "quarter": 120, "sixteenth": 30}
EVERY = {**SHOWN, **SHARES_GENERATED, **BALANCED, **OVERTRAINED, **SIMPLE}
PREVALENCE = {"Effusion": 0.4, "Pneumothorax": 0.3, "Cardiomegaly": 0.15}
SKILL = {"real": 0.8, "generated only": 0.35}
METHODS = ("blur", "pixelation", "projection", "latent edit", "projection, labels kept")
SPACES = ("pixel", "structure", "embedding")


def write(
    base: Path,
    *,
    kind: str = "phantom",
    gan: float = 1.5,
    overtrained: float = 0.8,
    alone: float = 0.35,
    copying: bool = True,
    caught: bool = True,
    turn: float = 0.0,
) -> list[runs.Run]:
    """All seven runs.

    Args:
        gan, overtrained, alone: how well networks with GAN images, with those of the over-trained one, or with
            generated ones alone tell labels apart; "real" has 0.8.
        turn: degrees by which generated images are turned.
        copying: whether the generator of a sixteenth copies. caught: whether the screen flags every planted copy.
    """
    skills = {
        "GAN": gan,
        "classical and GAN": gan + 0.3,
        "over-trained GAN": overtrained,
        "balanced, generated": gan,
    }
    found = []
    for k, (share, part) in enumerate(SHARES.items()):
        of_share = {"share": part, "kind": kind}
        arms = EVERY if share == "all" else SHOWN
        run = _run(
            base, f"classifiers_{share}", "arms", REAL[share], labels=list(LABELS), arms=arms, **of_share
        )
        frame = predictions(arms, {**SKILL, "generated only": alone, **skills}, seed=k)
        frame.to_parquet(run / "arms.parquet", index=False)
        files.write_json(
            run / "arms.json", {arm: contents(arm, keys, REAL[share]) for arm, keys in arms.items()}
        )
        if share == "all":
            write_attacks(run)
        found.append(run)
        run = _run(base, f"infogan_{share}", "infogan", REAL[share], **of_share)
        leaks = copying and share == "sixteenth"
        files.write_json(
            run / "quality.json", quality(REAL[share], 900.0 if share == "sixteenth" else 300.0 - k)
        )
        files.write_json(run / "privacy.json", audit(REAL[share], leaks, caught))
        write_pictures(run, leaks, turn)
        if share == "all":
            write_deidentified(run)
        found.append(run)
    found.append(_run(base, "identity", "siamese", REAL["all"], kind=kind))
    return [runs.read(folder) for folder in found]


def _run(base: Path, name: str, trainer: str, train: int, *, kind: str, **config: Any) -> Path:
    folder = base / "sound" / "gan_notes" / name
    settings = {
        "dataset": "nih", "images": "labelled", "max_images": None, "labels": [], "split": "patient-80-20",
        "share": 1.0, "scale": "paper" if kind == "full" else "demo", "seed": 0, "size": SIZE, "learning_rate": 1e-3,
        "weights": None, "precision": "float32", "trainer": trainer, "model_options": {"finding": None},
    }  # fmt: skip
    files.write_json(folder / "config.json", {**settings, **config})
    card = {"paper": "gan_notes", "row": name, "source": "", "assumed": {trainer: "ours"}}
    files.write_json(folder / "card.json", card)
    counts = {"train": train, "validation": 60, "test": TEST, "unused": 480 - train}
    data = {"fingerprint": "f" * 64, "images": counts, "patients": 330, "leaked_patients": 0}
    files.write_json(folder / "environment.json", environment(data))
    origin = "phantom" if kind == "phantom" else "release"
    summary = {"origin": origin, "complete": kind == "full", "images": 640}
    files.write_json(base / "nih-labelled" / "summary.json", summary)
    history = pd.DataFrame({"epoch": [1, 2], "loss": 1.0, "spread": [0.2, 0.75]})
    history.to_csv(folder / "history.csv", index=False)
    return folder


def predictions(arms: dict[str, Any], skills: dict[str, float], seed: int) -> pd.DataFrame:
    """The same truth for all shares; networks of an arm share their noise with those of the others."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "image": [f"{i}.png" for i in range(IMAGES)],
            "patient": [str(i // 2) for i in range(IMAGES)],
            "split": np.where(np.arange(IMAGES) < IMAGES - TEST, "validation", "test"),
        }
    )
    for label in LABELS:
        frame[f"y_{label}"] = (rng.permutation(IMAGES) < PREVALENCE[label] * IMAGES).astype(np.int8)
    rng = np.random.default_rng([2, seed])
    parts = []
    for network in range(2):
        noise = {label: rng.normal(size=IMAGES) for label in LABELS}
        for arm in arms:
            skill = skills.get(arm, skills["generated only" if arm.startswith("generated only") else "real"])
            columns = {}
            for label in LABELS:
                logit = skill * (2 * frame[f"y_{label}"] - 1) + noise[label] + 0.1 * rng.normal(size=IMAGES)
                columns[f"p_{label}"] = 1 / (1 + np.exp(-logit))
            parts.append(frame.assign(arm=arm, seed=network, **columns))
    return pd.concat(parts, ignore_index=True)


def contents(arm: str, keys: dict[str, Any], real: int) -> dict[str, Any]:
    """arms.json of an arm."""
    share = keys.get("generated", 0)
    added = 200 if "balance" in keys else 2000 if share else 0
    positives = {label: int(PREVALENCE[label] * real) for label in LABELS}
    if "balance" in keys:
        positives = dict.fromkeys(LABELS, positives["Effusion"])
    entry = {"real": 0 if share == 1 else real + (200 if keys.get("balance") == "repeated" else 0)}
    entry |= {"generated": 0 if keys.get("balance") == "repeated" else added, "positives": positives}
    made = round(share * real)
    steps = 0 if "model" in keys else 120
    return {**entry, "shown": {"real": real - made, "generated": made, "positives": positives}, "steps": steps,
            "seconds": 1.0}  # fmt: skip


def quality(training: int, kid: float) -> dict[str, Any]:
    """quality.json: generated images recall half of what training images do."""
    found = measured(None, training, kid)
    found["generated"] |= distances(kid, 0.5, 0.3)
    return found


def _share(value: float, half: float = 0.08, method: str = "wilson") -> dict[str, Any]:
    return dict(
        cell(value, (max(value - half, -1 if method == "newcombe" else 0), min(value + half, 1)), method)
    )


def _flagged(flagged: int, images: int) -> dict[str, Any]:
    return {"flagged": flagged, "images": images, "share": _share(flagged / images, 0.01)}


def _matched(training: float, held_out: float) -> dict[str, Any]:
    sides = {"training": _share(training), "held_out": _share(held_out)}
    return {
        **sides,
        "difference": _share(training - held_out, 0.1, "newcombe"),
        "p": 0.5 - abs(training - held_out) / 2,
    }


def audit(training: int, leaks: bool, caught: bool) -> dict[str, Any]:
    """privacy.json."""
    share, area = (0.8, 0.7) if leaks else (0.5, 0.52)
    quantiles = {"at": [0.0, 0.25, 0.5, 0.75], "held_out": [0.2, 0.3, 0.4, 0.5]}
    quantiles["training"] = [0.05 if leaks else 0.2, 0.3, 0.4, 0.5]
    found = 19 if not caught else 20
    kinds = {
        kind: {"planted": 20, "flagged": found if kind == "cropped" else 20, "found": 20}
        for kind in ("exact", "flipped", "cropped", "jpeg")
    }
    return {
        "finding": None,
        "size": SIZE,
        "generated": {"images": 500, "of": 2000},
        "training": {"images": training, "patients": training // 2},
        "held_out": {"images": TEST, "patients": 50},
        "validation": {"images": 60, "patients": 30},
        "references": 15,
        "spaces": {
            space: {
                "nearer": {"share": _share(share), "p": 0.0001 if leaks else 0.9, "ties": 0},
                "membership": _share(area, 0.1, "delong"),
                "quantiles": quantiles,
            }
            for space in SPACES
        },
        "screen": {
            "error_rate": 0.01,
            "patients": 99,
            "threshold": 0.3,
            "generated": _flagged(60 if leaks else 5, 500),
            "held_out": _flagged(1, 50),
        },
        "identity": {
            "looked_up": 40,
            "gallery": 60,
            "rank_one": _share(0.6),
            "chance": 0.02,
            "verification": _share(0.9, 0.03, "delong"),
            "same_view": _share(0.85, 0.03, "delong"),
        },
        "reidentification": {
            "chance": 0.05,
            "patients": 20,
            "threshold": 0.4,
            "false_match": 0.001,
            "before": _matched(0.45 if leaks else 0.07, 0.07),
            "after": _matched(0.13 if leaks else 0.07, 0.07),
        },
        "control": {
            "patients": 20,
            "kinds": kinds,
            "matched": {"without": 2, "with": 20, "screened": 3},
            "with": _matched(0.6, 0.07),
            "screened": _matched(0.1, 0.07),
        },
    }


def _upright() -> np.ndarray:
    picture = np.full((SIZE, SIZE), 60, np.float32)
    picture[:, SIZE // 2 - 2 : SIZE // 2 + 2] = 190
    return picture


def write_pictures(run: Path, leaks: bool, turn: float) -> None:
    """samples.npz and neighbours.npz; held-out pictures are bright."""
    rng = np.random.default_rng(3)
    real = np.clip(_upright() + rng.normal(0, 30, (20, SIZE, SIZE)), 0, 255).astype(np.uint8)
    spine = np.array(Image.fromarray(_upright()).rotate(turn, Image.Resampling.BILINEAR))
    made = np.clip(spine + rng.normal(0, 8, (2, 100, SIZE, SIZE)), 0, 255).astype(np.uint8)
    np.savez_compressed(run / "samples.npz", epoch=np.array([1, 2]), image=made, real=real)
    np.savez_compressed(
        run / "neighbours.npz",
        generated=made[1, :8],
        training=real[:8],
        held_out=np.full((8, SIZE, SIZE), 250, np.uint8),
        to_training=np.linspace(0.1, 0.6, 8),
        to_held_out=np.linspace(0.4, 0.7, 8),
        flagged=np.arange(8) < (3 if leaks else 0),
        row=np.arange(8) * 7,
    )


def write_deidentified(run: Path) -> None:
    rng = np.random.default_rng(4)
    rows = []
    for method in METHODS:
        for strength in (0.0, 0.25, 0.5, 0.75, 1.0):
            kept = 1.0 if method == "blur" else 0.5
            start = 0.3 if method == "latent edit" else 1.0
            rate = 0.02 + 0.6 * start * max(0.0, 1 - strength / kept) if method != "pixelation" else 0.6
            rows.append(
                {
                    "method": method,
                    "strength": strength,
                    **points.with_ends("reid", cell(rate, (max(rate - 0.1, 0), rate + 0.1), "wilson")),
                    "chance": 0.02,
                    **points.with_ends(
                        "verification", cell(0.5 + rate / 2, (0.4 + rate / 2, 0.6 + rate / 2), "delong")
                    ),
                    **points.with_ends(
                        "auc", cell(0.8 - 0.2 * strength, (0.7 - 0.2 * strength, 0.9), "bootstrap")
                    ),
                    "difference": 20 * strength + (5 if method == "latent edit" else 0),
                    "images": 40,
                    "patients": 25,
                }
            )
    table = pd.DataFrame(rows)
    table.to_parquet(run / "deidentified.parquet", index=False)
    original = rng.integers(0, 255, (4, SIZE, SIZE)).astype(np.uint8)
    np.savez_compressed(
        run / "deidentified.npz",
        image=np.array(["a", "b", "c", "d"]),
        original=original,
        method=table["method"].to_numpy(str),
        strength=table["strength"].to_numpy(),
        changed=np.stack([original // (1 + k % 5) for k in range(len(table))]),
    )


def write_attacks(run: Path) -> None:
    rows = []
    for attack, slope in (("fgsm", 0.06), ("pgd", 0.08), ("noise", 0.002)):
        for epsilon in (0.0, 0.5, 1.0, 2.0, 4.0, 8.0):
            value = max(0.8 - slope * epsilon, 0.05)
            if (attack, epsilon) == ("fgsm", 8.0):
                value = 0.1  # below that of PGD
            around = (value - 0.04, value + 0.04)
            rows.append(
                {
                    "attack": attack,
                    "epsilon": epsilon,
                    **points.with_ends("auc", cell(value, around, "bootstrap")),
                    **points.with_ends("accuracy", cell(value, around, "bootstrap")),
                    **points.with_ends("flips", cell(slope * epsilon, None if not epsilon else (0.0, 0.9))),
                    "images": 80,
                    "patients": 45,
                }
            )
    pd.DataFrame(rows).to_parquet(run / "attacks.parquet", index=False)
    rng = np.random.default_rng(5)
    original = rng.integers(20, 230, (3, SIZE, SIZE)).astype(np.uint8)
    change = rng.choice([-4, 4], original.shape).astype(np.float32)
    np.savez_compressed(
        run / "attacks.npz",
        image=np.array(["a", "b", "c"]),
        label=np.array(["Effusion", "Cardiomegaly", "Pneumothorax"]),
        truth=np.array([1, 0, 1], np.int8),
        threshold=np.array([0.4, 0.15, 0.3]),
        before=np.array([0.91, 0.08, 0.7]),
        after=np.array([0.03, 0.97, 0.1]),
        original=original,
        perturbation=change,
        attacked=original + change,
        epsilon=np.float32(4),
    )
