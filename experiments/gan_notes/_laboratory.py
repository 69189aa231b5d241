"""The laboratory: the notes' claims about generated images, each as an experiment on the same footing.

One population, one split: the generators learn from the training patients (or a share of them) and the classifiers
beside them from the same ones; the test patients are held out from everything; the validation patients are the
attacker's, who learns identities from them, and choose thresholds. The notes print no setting: these are ours.

Cost at demo scale: twelve minutes of two cores for all of it.
"""

from collections.abc import Mapping
from typing import Any

from experiments.ali2019._infogan import ASSUMED, DEMO, PAPER
from xray_keras.experiment import Experiment

LABELS = ("Effusion", "Pneumothorax", "Cardiomegaly")
"""Frequent, less frequent, rare; all three are seen at 64 pixels."""
SHARES = {"all": 1.0, "quarter": 0.25, "sixteenth": 0.0625}
IDENTITY = "gan_notes/identity"
COMMON: Mapping[str, Any] = {
    "images": "labelled",
    "split": "patient-80-20",
    "validation": 0.3,
    "demo_release": {"max_images": None},
    "variants": {"sound": {}, "paper": {}, "official": {"split": "official"}},
}
EVERYWHERE = "the notes print none; this suite's choice"


def generator(
    name: str, *, epochs: int, demo_epochs: int, uses: Mapping[str, Mapping[str, str]]
) -> Experiment:
    """InfoGAN whose codes are the labels, on a share of the training patients.

    Args:
        name: of `SHARES`.
        epochs, demo_epochs: passes over that share.
        uses: what its stages need beside the identity network.
    """
    options = PAPER | {"finding": None, "conditions": list(LABELS)}
    needs = {"privacy.json": {"identity": IDENTITY}, **uses}
    return Experiment(
        row=f"InfoGAN with labels as codes, {name}",
        artefacts=("laboratory",),
        made_from={"laboratory": ("quality.json", *needs)},
        source="Pros & Cons, GANs for Privacy, GANs for Anonymity",
        labels=(),
        trainer="infogan",
        model="infogan",
        model_options=options,
        size=128,
        loss="adversarial",
        learning_rate=2e-4,
        batch_size=64,
        epochs=epochs,
        share=SHARES[name],
        uses=needs,
        assumed={"generator": EVERYWHERE, "SCALE=demo": ASSUMED["SCALE=demo"]},
        demo={
            "model_options": options | DEMO,
            "size": 64,
            "max_images": 3600,
            "batch_size": 16,
            "learning_rate": 4e-4,
            "epochs": demo_epochs,
        },
        **COMMON,
    )


SHOWN: Mapping[str, Mapping[str, Any]] = {
    "real": {},
    "classical": {"augmentation": "shift+zoom+rotation"},
    "RandAugment": {"augmentation": "randaugment"},
    "GAN": {"generated": 0.5},
    "classical and GAN": {"augmentation": "shift+zoom+rotation", "generated": 0.5},
    "generated only": {"generated": 1.0},
}
SHARES_GENERATED: Mapping[str, Mapping[str, Any]] = {
    "25 % generated": {"generated": 0.25},
    "75 % generated": {"generated": 0.75},
}
BALANCED: Mapping[str, Mapping[str, Any]] = {
    "balanced, repeated": {"balance": "repeated"},
    "balanced, generated": {"balance": "generated"},
}
OVERTRAINED: Mapping[str, Mapping[str, Any]] = {
    "over-trained GAN": {"generated": 0.5, "gan": "overtrained"},
}
SIMPLE: Mapping[str, Mapping[str, Any]] = {
    f"{shown}, {name}": {"model": model, **keys}
    for name, model in (
        ("logistic regression", "logistic_regression"),
        ("random forest", "random_forest"),
        ("nearest neighbours", "nearest_neighbours"),
    )
    for shown, keys in (("real", {}), ("generated only", {"generated": 1.0}))
}


def classifiers(name: str, arms: Mapping[str, Any], *, demo_epochs: int, **more: Any) -> Experiment:
    """Classifiers of the same share of the training patients, one an arm."""
    gans = {"gan": f"gan_notes/infogan_{name}"} | more.pop("gans", {})
    return Experiment(
        row=f"Classifiers, {name}",
        artefacts=("laboratory",),
        source="Methods and Uses, Pros & Cons, GANs for Privacy",
        labels=LABELS,
        trainer="arms",
        model="small_cnn",
        model_options={"dropout": 0.5},
        size=128,
        loss="binary_cross_entropy",
        learning_rate=2e-3,
        batch_size=32,
        epochs=20,
        schedule="cosine",
        share=SHARES[name],
        arms=arms,
        arm_seeds=5,
        uses={"model.keras": gans},
        assumed={"classifiers, shares, numbers of images": EVERYWHERE},
        demo={"size": 64, "max_images": 3600, "epochs": demo_epochs, "arm_seeds": 2},
        **{"made_from": {"laboratory": "model.keras"}, **more},
        **COMMON,
    )
