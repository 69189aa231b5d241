"""The two transfer-learning rows of ali2019: one recipe, and its augmented variant for Figures 2 and 3."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from xray_keras.datasets.findings import FINDINGS
from xray_keras.experiment import Experiment

ASSUMED = {
    "optimizer": "not printed; Adam",
    "epochs, batch size, dropout": "not printed; 10, 32, 0.5",
    "initial head": "not printed; zeros",
    "decision threshold": "not printed; 0.5",
    "split": "not printed; the cells fit 80/20 by image (VARIANT=paper)",
}


def transfer(
    row: str,
    model: str,
    *,
    size: int,
    assumed: Mapping[str, str],
    demo: Mapping[str, Any],
    demo_release: Mapping[str, Any],
) -> Experiment:
    """ImageNet weights, 14 sigmoids, binary cross-entropy, learning rate 1e-4 (printed for VGG16)."""
    return Experiment(
        row=row,
        artefacts=("table2", "figure2", "figure3"),
        source="II.B, III.D, Table II, Figs. 2 and 3",
        labels=FINDINGS,
        model=model,
        model_options={"dropout": 0.5},
        weights="imagenet",
        size=size,
        loss="binary_cross_entropy",
        learning_rate=1e-4,
        batch_size=32,
        epochs=10,
        assumed={**ASSUMED, **assumed},
        demo={"max_images": 2400, "precision": "mixed_bfloat16", **demo},
        demo_release={"batch_size": 16, **demo_release},
    )


def augmented(plain: Experiment) -> Experiment:
    """The same with the class-weighted shifts and zooms of III.B; only the figures show it."""
    words = "ranges and weighting are not printed; up to 10 %, rare findings shown up to 4 times an epoch"
    return dataclasses.replace(
        plain,
        artefacts=("figure2", "figure3"),
        augmentation="shift+zoom",
        assumed={**plain.assumed, "augmentation": words},
    )
