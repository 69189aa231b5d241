"""What the two transfer-learning rows of ali2019 share."""

from xray_keras.datasets.findings import FINDINGS

COMMON = {
    "source": "II.B, III.D, Table II, Figs. 2 and 3",
    "labels": FINDINGS,
    "loss": "binary_cross_entropy",
    "weights": "imagenet",
    "batch_size": 32,
    "epochs": 10,
}
ASSUMED = {
    "optimizer": "not printed; Adam",
    "epochs, batch size": "not printed; 10, 32",
    "dropout": "rate not printed; 0.5",
    "split": "not printed; the cells fit 80/20 by image (VARIANT=paper)",
    "decision threshold": "not printed; 0.5",
}
AUGMENTED = {
    "artefacts": ("figure2", "figure3"),
    "augmentation": "shift+zoom",
}
WEIGHTED_AUGMENTATION = {
    "augmentation": "ranges and weighting are not printed; up to 10 %, rare findings shown up to 4 times an epoch",
}
