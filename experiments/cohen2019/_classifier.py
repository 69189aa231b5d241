"""The classifier of cohen2019: CheXNet, and the same network with its last layer alone trained, to compare with."""

import dataclasses

from xray_keras.datasets.findings import FINDINGS
from xray_keras.experiment import Experiment

ASSUMED = {
    "weights": "the paper reuses published ones (`xray-keras import-weights` reads such files); here trained",
    "initial weights": "not printed; ImageNet, as the CheXNet paper",
    "input": "not printed; 224 pixels, normalised as ImageNet, as the CheXNet paper",
    "split": "by patient, as the CheXNet paper; 20 % test, an eighth of the others for validation",
    "loss": "not printed; binary cross-entropy, unweighted",
    "output": "section 4 says softmax, yet findings occur together; sigmoids",
    "batch size, epochs": "not printed; 16, 20",
    "augmentation": "not printed; horizontal flips, as the CheXNet paper",
    "learning rate decay": "a plateau is not defined; an epoch whose mean validation AUC is no better",
    "checkpoint": "not printed; the best mean validation AUC",
}

PAGE = ("figure1", "figure2", "figure9", "runtime")  # of the page in a browser

CHEXNET = Experiment(
    row="CheXNet Weng et al. (2017) DenseNet-121",
    artefacts=(
        *("table1", "figure3", "figure5", "figure6", "figure7", "figure8", "ood", "explanations"),
        *PAGE,
    ),
    made_from={
        **dict.fromkeys(("figure5", "figure6", "figure7", "ood"), "ood.parquet"),
        **dict.fromkeys(("figure8", "explanations"), "explanations.parquet"),
        "figure3": "metrics.json",
        **dict.fromkeys(PAGE, "browser.json"),
    },
    source="2, 4, Table 1, Figs. 3 and 8",
    labels=FINDINGS,
    model="densenet121",
    weights="imagenet",
    images="all",
    others="ood",
    size=224,
    loss="binary_cross_entropy",
    learning_rate=1e-3,
    batch_size=16,
    epochs=20,
    split="patient-80-20",
    validation=0.125,
    augmentation="flip",
    keep="best",
    schedule="plateau",
    assumed=ASSUMED,
    # Few images and minutes: the last dense block alone is trained, on features of the others that never change.
    demo={
        "size": 128,
        "max_images": 2400,
        "model_options": {"trained_blocks": 1, "batch_norm_momentum": 0.9},
        "epochs": 6,
        "schedule": "cosine",
        "keep": "last",  # by cross-validation: a validation part of so few patients picks no epoch well
        "augmentation": "none",
        "cache_features": True,
    },
    demo_release={"size": 224, "max_images": None, "max_others": 300},
    variants={"sound": {}, "paper": {}, "official": {"split": "official"}},
)


def last_layer_only() -> Experiment:
    """Features of ImageNet as they are, one dense layer on them: what fine-tuning has to beat."""
    return dataclasses.replace(
        CHEXNET,
        row="last layer only",
        artefacts=("table1",),
        made_from={},
        model_options={"trained_blocks": 0},
        others=None,
        epochs=100,
        schedule="cosine",  # a plateau of so few patients' validation AUC would end the training in a few epochs
        augmentation="none",
        cache_features=True,
        assumed={"purpose": "not in the paper: what fine-tuning has to beat"},
        demo={"size": 128, "max_images": 2400},
        demo_release={"size": 224, "max_images": None},
    )
