"""cohen2019, ALI: encoder, generator and joint discriminator at 64×64 (§3, §3.1, Figures 4, 5 and 7).

Cost at paper scale: 2.1 million image steps; four to five days on one core. Demo: four minutes on one core.
"""

from collections.abc import Mapping
from typing import Any

from xray_keras.experiment import Experiment

PAPER = {
    "latent": 512,
    "width": 1.0,
    "generator_width": 1.0,
    "stochastic": True,
    "beta_1": 0.5,
    "beta_2": 0.999,
    "discriminator_rate": 1.0,
    "cycle": 0.0,
}
DEMO = {
    **PAPER,
    "latent": 64,
    "width": 0.125,
    "generator_width": 0.25,
    "discriminator_rate": 0.2,
    "cycle": 20.0,
}


def _with(**options: Any) -> Mapping[str, Any]:
    """A variant whose networks or optimizers differ, at either scale."""
    return {"model_options": PAPER | options, "demo": {"model_options": DEMO | options}}


EXPERIMENT = Experiment(
    row="ALI",
    artefacts=("figure4", "figure5", "figure6", "figure7", "ood"),
    made_from=dict.fromkeys(("figure5", "figure6", "figure7", "ood"), "ood.parquet"),
    source="3, 3.1, 3.2, Figures 4 to 7",
    labels=(),
    trainer="ali",
    model="ali",
    model_options=PAPER,
    size=64,
    loss="adversarial",
    learning_rate=1e-5,
    batch_size=100,
    epochs=27,
    images="all",
    others="ood",
    split="patient-80-20",
    validation=0.125,
    assumed={
        "layers": "not printed; kernels, strides and channels of the published code",
        "dropout": "not printed; 0.5 behind the first layer that sees the image, then 0.2, as in the published code",
        "latent size, learning rate": "not printed which of those tried; 512 and 1e-5, as published",
        "σ of E(x)": "not printed; the exponential of a second 1×1 convolution beside that of μ, as in the ALI paper; "
        "the published encoder has no σ (VARIANT=code)",
        "code of an image": "not printed; a draw from N(μ, σ) in training, μ where images are scored",
        "epochs": "2,121,000 iterations count images in the published code: 27 epochs of the 70 % of 112,120 images "
        "that are trained on here (20 of the printed 106,381)",
        "split": "106,381 and 1000 images are printed, not which; 70/10/20 by patient, the classifier's shares",
        "smoothed labels": "not printed how drawn; uniform, one draw an image, exchanged for encoder and generator",
        "when the generator rests": "not printed; while the discriminator's loss is above 4, as in the published code",
        "β2": "0.001 is printed: the ALI paper prints it for a framework that takes 1 − β2; 0.999 here (VARIANT=paper "
        "and code: 0.001, for the published code passes it on)",
        "initial weights": "not printed; Glorot's uniform",
        "SCALE=demo": "ALI alone does not learn to reconstruct in minutes: the L1 distance between image and "
        "reconstruction joins the loss of encoder and generator (ALICE, Li et al. 2017), and the discriminator "
        "learns at a fifth of their rate",
    },
    demo={
        "max_images": 2400,
        "model_options": DEMO,
        "learning_rate": 1e-3,
        "batch_size": 16,
        "epochs": 16,
        "schedule": "cosine",
    },
    demo_release={"epochs": 36, "max_images": None, "max_others": 300},
    variants={
        "sound": {},
        "paper": _with(beta_2=0.001),
        "code": _with(beta_2=0.001, stochastic=False),
        "official": {"split": "official"},
    },
)
