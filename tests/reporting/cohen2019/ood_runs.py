"""Fake runs that scored foreign images: an ALI run and a classifier, on stand-ins or on the paper's own sets."""

from pathlib import Path

import numpy as np
import pandas as pd

from tests.reporting.conftest import scores, truth, write_run
from xray_keras import files
from xray_keras.evaluation import ood
from xray_keras.reporting import runs

SETS = {  # origin → set → what it stands for
    "phantom": {"phantom-children": "pneumonia", "phantom-limbs": "mura", "photograph-crops": "cifar100",
                "digits-8x8": "mnist"},
    "release": {"kermany": "pneumonia", "hand-radiographs": "mura", "cifar10": "cifar100", "mnist": "mnist"},
}  # fmt: skip
AWAY = {"pneumonia": 0.8, "mura": 2.5, "cifar100": 1.5, "mnist": 3.5}  # in deviations of the chests
EACH = 90


def frame(
    origin: str, columns: dict[str, float], labels: tuple[str, ...] = (), *, split_seed: int = 0
) -> pd.DataFrame:
    """Scores of chests and foreign images; `columns`: detector → how much of AWAY it sees."""
    rng = np.random.default_rng(split_seed)
    parts = [pd.DataFrame({"image": [f"{k:08d}_000.png" for k in range(200)], "set": "chest", "group": "chest",
                           "split": ["validation" if k < 80 else "test" for k in range(200)], "pneumonia": -1,
                           "patient": [str(k // 2) for k in range(200)], "away": 0.0})]  # fmt: skip
    for name, of in SETS[origin].items():
        accept = of == "pneumonia"
        parts.append(
            pd.DataFrame(
                {
                    "image": [f"{name}/{k:08d}" for k in range(EACH)],
                    "patient": [f"{name}/{k // 2}" for k in range(EACH)],
                    "set": name,
                    "split": "test",
                    "group": "accept" if accept else "reject",
                    "pneumonia": [k // 2 % 2 if accept else -1 for k in range(EACH)],
                    "away": AWAY[of],
                }
            )
        )
    found = pd.concat(parts, ignore_index=True).astype({"pneumonia": "int8"})
    for detector, sees in columns.items():
        found[f"s_{detector}"] = 1 + 0.1 * (sees * found["away"] + rng.normal(size=len(found)))
    for label in labels:
        known = (found["pneumonia"] == 1) * 1.5
        found[f"p_{label}"] = 1 / (1 + np.exp(-known - rng.normal(size=len(found))))
    return found.drop(columns="away")


def write(
    folder: Path,
    row: str,
    scored: pd.DataFrame,
    origin: str,
    kind: str,
    absent: tuple[str, ...] = (),
    **config,
) -> runs.Run:
    """A run with what the stage ood leaves, and the summary of the foreign images beside it."""
    run = write_run(
        folder,
        row,
        scores(truth(), ("Pneumonia",), 1.0, 3),
        kind=kind,
        others="ood",
        max_others=None,
        **config,
    )
    validation = ood.chest(scored, "validation")
    names = ood.detectors(scored)
    limits = {name: ood.cut_off(validation[f"s_{name}"].to_numpy()) for name in names}
    scored.to_parquet(folder / "ood.parquet", index=False)
    files.write_json(folder / "ood.json", {"thresholds": limits})
    sets = {
        name: {
            "of": of,
            "own": name in ("kermany", "mnist"),
            "group": "accept" if of == "pneumonia" else "reject",
            "found": EACH,
            "left_out": {"neither PNG nor JPEG": 2} if of == "mura" else {},
            "counts": {},
            "citation": f"Source of {name}.",
            "licence": "CC BY.",
            "images": EACH,
            "patients": EACH // 2,
            "pneumonia": 44 if of == "pneumonia" else None,
        }
        for name, of in SETS[origin].items()
        if of not in absent
    }
    summary = {"dataset": "ood", "origin": origin, "complete": False, "sets": sets, "absent": list(absent)}
    files.write_json(folder.parents[2] / "ood-all" / "summary.json", summary)
    if config["trainer"] == "ali":
        write_examples(folder / "ood_examples.npz", scored)
    return run


def write_examples(path: Path, scored: pd.DataFrame) -> None:
    """Three pictures a set: smooth ones, reconstructed well where they are chests."""
    rng = np.random.default_rng(2)
    shown = scored[scored["split"] == "test"].groupby("set", sort=False).head(3)
    waves = np.sin(np.arange(64) / 7)[:, None] + np.cos(np.arange(64) / 9)[None, :]
    pixels = np.stack([127 + 50 * np.roll(waves, 5 * k, axis=1) for k in range(len(shown))])
    spoilt = pixels + rng.normal(size=pixels.shape) * np.where(shown["set"] == "chest", 2, 40)[:, None, None]
    np.savez_compressed(
        path,
        image=shown["image"].to_numpy(str),
        set=shown["set"].to_numpy(str),
        input=pixels.astype(np.uint8),
        reconstruction=np.clip(spoilt, 0, 255).astype(np.uint8),
    )


def both(base: Path, origin: str = "phantom", absent: tuple[str, ...] = ()) -> list[runs.Run]:
    """A classifier, then ALI: the order must not matter."""
    kind = "phantom" if origin == "phantom" else "subset"
    own = [name for name, of in SETS[origin].items() if of not in absent] + ["chest"]
    first = frame(origin, {"mahalanobis": 3.0, "knn": 2.0}, ("Pneumonia", "Mass"), split_seed=1)
    second = frame(origin, {"latent": 0.1, "l1": 1.0, "l2": 1.0, "ssim": 1.2})
    parts = [each[each["set"].isin(own)] for each in (first, second)]
    paper = base / "sound" / "cohen2019"
    return [
        write(paper / "chexnet", "CheXNet", parts[0], origin, kind, absent, trainer="supervised"),
        write(paper / "ali", "ALI", parts[1], origin, kind, absent, trainer="ali"),
    ]
