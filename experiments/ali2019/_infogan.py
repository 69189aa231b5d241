"""The InfoGANs of ali2019 (II.C, III.C, Table I): one a finding.

Cost at paper scale: 58 CPU-ms an image; for infiltration some 4 million image steps, 65 hours of a core. Demo: two
minutes of a core.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from xray_keras.experiment import Experiment

PAPER: dict[str, Any] = {
    "conditions": [],
    "reading": "described",
    "prior": "uniform",
    "form": "table",
    "width": 1.0,
    "beta_1": 0.5,
    "beta_2": 0.999,
    "generator_rate": 5.0,
    "information": 1.0,
    "smoothing": 0.0,
    "average": 0.0,
    "generated": 10_000,
}
DEMO: dict[str, Any] = {
    "width": 0.25,
    "generator_rate": 2.0,
    "information": 0.3,
    "smoothing": 0.1,
    "average": 0.99,
    "generated": 2000,
}
CITED: dict[str, Any] = {"form": "code", "prior": "normal", "reading": "printed", "generator_rate": 1.0}


class Epochs(NamedTuple):
    paper: int
    demo: int


EPOCHS = {  # printed: 250 to 500, and 20,000 for pneumonia; demo: some 1,600 steps each, where that ends in time
    "Infiltration": Epochs(250, 26),
    "Effusion": Epochs(250, 40),
    "Atelectasis": Epochs(250, 44),
    "Nodule": Epochs(500, 80),
    "Pneumonia": Epochs(20_000, 200),
}
SHOWN = {
    "Effusion": ("table1", "figure4", "quality"),
    "Pneumonia": ("figure4", "quality"),
}  # quality: every one
ASSUMED = {
    "Table I": "fits no image as printed; the first map is an eighth of the image (16×16×448), kernels are 4×4",
    "size of the input": "40 is printed, the described codes and noise make 76; 76 (VARIANT=printed: one four-way "
    "code, which makes 40)",
    "colour": "Table I has a colour image going in and one channel coming out; one channel",
    "hyper-parameters": "as suggested by Chen et al. 2016, appendix C: Adam, 2e-4 for the discriminator, 1e-3 for the "
    "generator, β1 0.5, λ 1 (VARIANT=code: the cited repository's)",
    "epochs": "250 to 500 are printed, 20,000 for pneumonia; 250 for the three largest findings, 500 for nodule",
    "images": "not printed which; the training part's with the finding",
    "SCALE=demo": "64 pixels, a quarter of the channels, batches of 16, learning rates 4e-4 and 8e-4, λ 0.3, targets "
    "of real images 0.9, images from the running average of the generator's weights",
}


def demo(**options: Any) -> dict[str, Any]:
    """The overlay of SCALE=demo, sized for a core and two minutes."""
    return {
        "model_options": PAPER | DEMO | options,
        "size": 64,
        "max_images": 3600,
        "batch_size": 16,
        "learning_rate": 4e-4,
    }


def infogan(finding: str) -> Experiment:
    """The experiment of one finding."""
    chosen = EPOCHS[finding]
    options = PAPER | {"finding": finding}

    def variant(changes: dict[str, Any], **settings: Any) -> Mapping[str, Any]:
        shortened = {key: demo()[key] for key in ("batch_size", "learning_rate")}
        small = {"model_options": options | DEMO | changes}
        return {"model_options": options | changes, **settings, "demo": small | shortened}

    return Experiment(
        row=f"InfoGAN, {finding}",
        artefacts=SHOWN.get(finding, ("quality",)),
        made_from={"table1": "model.keras", "figure4": "quality.json", "quality": "quality.json"},
        source="II.C, III.C, Table I",
        labels=(),
        trainer="infogan",
        model="infogan",
        model_options=options,
        size=128,
        loss="adversarial",
        learning_rate=2e-4,
        batch_size=64,
        epochs=chosen.paper,
        assumed=ASSUMED,
        demo={**demo(finding=finding), "epochs": chosen.demo},
        demo_release={"max_images": None},
        variants={
            "sound": {"split": "patient-80-20"},
            "paper": {},
            "official": {"split": "official"},
            "printed": variant({"reading": "printed"}, split="patient-80-20"),
            "code": variant(CITED, split="patient-80-20", batch_size=32, learning_rate=1e-4),
        },
    )
