"""GAN runs as training and the stage quality leave them, with numbers made up so that the pages can be checked."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.reporting.conftest import environment
from xray_keras import files
from xray_keras.evaluation.metrics import cell
from xray_keras.reporting import runs

SIZE = 64
EPOCHS = (1, 3, 9, 27)
NETWORK = "a network, its last layer"


def write_gan(
    base: Path,
    name: str,
    finding: str | None = "Effusion",
    *,
    kind: str = "phantom",
    training: int = 364,
    kid: float = 100.0,
    options: dict[str, Any] | None = None,
    **config: Any,
) -> runs.Run:
    """A run whose KID falls to `kid`; blurred training images have 500, noise 4,000."""
    folder = base / "sound" / "ali2019" / name
    chosen = {
        "finding": finding,
        "conditions": [],
        "reading": "described",
        "form": "table",
        **(options or {}),
    }
    settings = {
        "dataset": "nih", "images": "all", "max_images": None, "labels": [], "split": "patient-80-20", "share": 1.0,
        "scale": "paper" if kind == "full" else "demo", "seed": 0, "size": SIZE, "learning_rate": 2e-4,
        "weights": None, "precision": "float32", "trainer": "infogan", "model_options": chosen,
    }  # fmt: skip
    files.write_json(folder / "config.json", {**settings, **config})
    card = {"paper": "ali2019", "row": f"InfoGAN, {finding}", "source": "", "assumed": {"rate": "a guess"}}
    files.write_json(folder / "card.json", card)
    counts = {"train": 700, "validation": 100, "test": 200}
    data = {"fingerprint": "f" * 64, "images": counts, "patients": 500, "leaked_patients": 0}
    files.write_json(folder / "environment.json", environment(data))
    summary = {
        "origin": "phantom" if kind == "phantom" else "release",
        "complete": kind == "full",
        "images": 1000,
    }
    files.write_json(base / "nih-all" / "summary.json", summary)
    history = pd.DataFrame({"epoch": range(1, EPOCHS[-1] + 1), "loss": 1.0})
    history.to_csv(folder / "history.csv", index=False)
    sizes = {"paper": layers(chosen["form"]), "run": layers(chosen["form"], SIZE)}
    files.write_json(folder / "layers.json", sizes)
    files.write_json(folder / "quality.json", measured(finding, training, kid))
    rng = np.random.default_rng(training)
    np.savez_compressed(
        folder / "samples.npz",
        epoch=np.array(EPOCHS),
        image=rng.integers(0, 100, (len(EPOCHS), 9, SIZE, SIZE)).astype(np.uint8),
        real=rng.integers(150, 255, (7, SIZE, SIZE)).astype(np.uint8),
    )
    return runs.read(folder)


def distances(kid: float, precision: float = 0.25, recall: float = 0.5) -> dict[str, Any]:
    """Measures, each with an interval of a tenth on either side."""
    half = max(abs(kid) / 10, 5)
    return {
        "kernel": cell(kid, (kid - half, kid + half), "bootstrap"),
        "frechet": cell(abs(kid) + 300, reason="fewer than 5,120 patients"),
        "precision": cell(precision, (precision - 0.1, precision + 0.1), "wilson"),
        "recall": cell(recall, (recall - 0.1, recall + 0.1), "wilson"),
    }


def measured(finding: str | None, training: int, kid: float) -> dict[str, Any]:
    """quality.json: selected images are half as far away, and the last two epochs are alike."""
    curve = [4 * kid, 2 * kid, 1.05 * kid, kid]
    shares = {1.0: kid, 0.5: 0.95 * kid, 0.25: 0.9 * kid, 0.1: kid / 2}
    return {
        "network": NETWORK,
        "weights": {},
        "finding": finding,
        "size": SIZE,
        "images": 60,
        "epochs": EPOCHS[-1],
        "held_out": {"images": 124, "patients": 64},
        "training": {"images": training, "patients": training // 2},
        "generated": {"network": NETWORK, "real": 60, "generated": 60, **distances(kid)},
        "selections": [
            {"share": share, "generated": int(2000 * share), **distances(value)}
            for share, value in shares.items()
        ],
        "curve": [
            {"epoch": epoch, **{k: v for k, v in distances(value).items() if k != "frechet"}}
            for epoch, value in zip(EPOCHS, curve, strict=True)
        ],
        "yardsticks": {
            "training": distances(-2.0, 0.85, 0.85),
            "blurred": distances(500.0, 0.1, 0.0),
            "noise": distances(4000.0, 0.0, 0.0),
        },
    }


def _row(
    layer: str, kind: str, shape: list[int], parameters: int, kernel: int = 0, stride: int = 0
) -> dict[str, Any]:
    weighted = bool(parameters)
    return {
        "layer": layer,
        "kind": kind,
        "kernel": [kernel, kernel] if kernel else None,
        "stride": [stride, stride] if stride else None,
        "output_shape": shape,
        "parameters": parameters,
        "normalisation": "BatchNormalization" if weighted and "Dense" in kind else None,
        "activation": "relu" if weighted else None,
    }


def layers(form: str, size: int = 128) -> dict[str, list[dict[str, Any]]]:
    """One size of layers.json: of Table I's reading, or a short form of the cited code's."""
    sides = [size, size // 2, size // 4, size // 8]
    maps = [[side, side] for side in sides]
    first = sides[3] ** 2
    if form == "code":
        return {
            "generator": [
                _row("latent", "InputLayer", [40], 0),
                _row("G_dense1", "Dense", [1024], 44032),
                _row("G_dense2", "Dense", [size // 16, size // 16, 128], 2103296),
                _row("G_up1", "UpSampling2D", [*maps[0], 128], 0),
                _row("G_conv5", "Conv2D", [*maps[0], 1], 73, 3, 1),
            ],
            "discriminator": [
                _row("image", "InputLayer", [*maps[0], 1], 0),
                _row("DQ_conv1", "Conv2D", [*maps[1], 64], 640, 3, 2),
                _row("verdict", "Dense", [2], 2050),
            ],
        }
    return {
        "generator": [
            _row("latent", "InputLayer", [76], 0),
            _row("G_dense", "Dense", [*maps[3], 448], first * 448 * (76 + 1 + 4)),
            _row("G_upconv1", "Conv2DTranspose", [*maps[2], 128], 918144, 4, 2),
            _row("G_upconv2", "Conv2DTranspose", [*maps[1], 64], 131392, 4, 2),
            _row("G_upconv3", "Conv2DTranspose", [*maps[0], 1], 1025, 4, 2),
        ],
        "discriminator": [
            _row("image", "InputLayer", [*maps[0], 1], 0),
            _row("DQ_conv1", "Conv2D", [*maps[1], 64], 1088, 4, 2),
            _row("DQ_conv2", "Conv2D", [*maps[2], 128], 131712, 4, 2),
            _row("DQ_conv3", "Conv2D", [*maps[3], 128], 262784, 4, 2),
            _row("Q_dense", "Dense", [128], (first * 128 + 1 + 4) * 128),
            _row("categorical", "Dense", [40], 5160),
            _row("logit", "Dense", [1], first * 128 + 1),
        ],
    }
