"""gan_notes: the network that recognises patients, learned from the validation patients. See `_laboratory.py`."""

from experiments.gan_notes._laboratory import COMMON, EVERYWHERE
from xray_keras.experiment import Experiment

EXPERIMENT = Experiment(
    row="Identity",
    artefacts=("laboratory",),
    made_from={"laboratory": "model.keras"},
    source="GANs for Privacy, GANs for Anonymity",
    labels=(),
    trainer="siamese",
    model="siamese",
    model_options={"width": 1.0, "length": 64, "temperature": 0.1},
    size=128,
    loss="nt_xent",
    augmentation="shift+zoom+rotation",
    learning_rate=2e-3,
    batch_size=64,
    epochs=100,
    schedule="cosine",
    assumed={"network, loss": EVERYWHERE},
    demo={"size": 64, "max_images": 3600, "epochs": 40},
    **COMMON,
)
